"""A control: the shots at one, three and five sixths of what may be chosen.

Where these are nearer to each other than the site's rule allows, the first, middle and last.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable


class Uniform:
    """Looks at nothing but the length."""

    version = "uniform-2"
    media = Media.GIF
    note = ""

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return the one answer there is; the seed changes nothing."""
        del seed
        count = len(shots.eligible)
        chosen = shots.eligible[[count * sixth // 6 for sixth in (1, 3, 5)]]
        if np.diff(chosen).min() < shots.gap_s:
            chosen = _as_wide_as_can_be(shots.eligible)
        return (Candidate(tuple(map(float, chosen)), 0.0),)


def _as_wide_as_can_be(seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first, the last and the one nearest to their middle: no gaps are larger."""
    middle = 1 + np.abs(seconds[1:-1] - (seconds[0] + seconds[-1]) / 2).argmin()
    return seconds[[0, middle, len(seconds) - 1]]


SELECTOR = Declaration("uniform", Uniform)
