"""Distinctness: how much the shots of a thumbnail differ, so that one that stands still is known.

A slide, or a title card, that is chosen three times does not move, whatever its score.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Candidate

# One slide: 0.001 by EfficientNet-Lite0, 0.02 with strong noise. Neighbouring seconds of 14 real
# clips: 0.07 at the median.
ALIKE = 0.02


def distinctness(features: NDArray[np.float32], starts_s: Sequence[float]) -> float | None:
    """Return the cosine distance of the two most alike shots, 0 to 2; None of a single one.

    Args:
        features: (n, D), one row a second.
        starts_s: where the shots begin.
    """
    rows = features[[min(round(start_s), len(features) - 1) for start_s in starts_s]]
    lengths = np.linalg.norm(rows, axis=1)
    distances = [
        1 - float(rows[a] @ rows[b]) / max(float(lengths[a] * lengths[b]), 1e-12)
        for a, b in combinations(range(len(rows)), 2)
    ]
    return max(min(distances), 0.0) if distances else None


def measured(
    candidates: Sequence[Candidate], features: NDArray[np.float32]
) -> tuple[Candidate, ...]:
    """Return the candidates with their distinctness."""
    return tuple(
        replace(each, distinctness=distinctness(features, each.starts_s)) for each in candidates
    )


def looks_alike(candidate: Candidate) -> bool:
    """Tell whether two shots of it show next to the same."""
    return candidate.distinctness is not None and candidate.distinctness < ALIKE


def distinct_first(candidates: Sequence[Candidate]) -> tuple[tuple[Candidate, ...], str]:
    """Put the best candidate whose shots differ before all, and say so where that is another."""
    number = next((n for n, each in enumerate(candidates) if not looks_alike(each)), 0)
    chosen = candidates[number]
    others = (each for each in candidates if each is not chosen)
    note = "better-scored candidates show next to the same twice" if number else ""
    return (chosen, *others), note
