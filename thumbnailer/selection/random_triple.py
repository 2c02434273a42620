"""A control: three shots drawn at random, all triples that keep the gap alike likely."""

from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable


class RandomTriple:
    """Looks at nothing but what may be chosen."""

    version = "random-2"
    media = Media.GIF
    note = ""

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return one triple in time order; two videos get different draws by the same seed."""
        video = crc32(shots.eligible.tobytes() + shots.frames.luma.tobytes())
        rng = np.random.default_rng([seed, video])
        chosen = _drawn(shots.eligible, shots.gap_s, rng)
        return (Candidate(tuple(map(float, chosen)), 0.0),)


def _drawn(seconds: NDArray[np.int64], gap_s: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw the middle one as often as it has neighbours to choose from, then one on each side."""
    before = np.searchsorted(seconds, seconds - gap_s, side="right")  # shots early enough
    after = np.searchsorted(seconds, seconds + gap_s)  # the first that is late enough
    triples = before * (len(seconds) - after)
    middle = rng.choice(len(seconds), p=triples / triples.sum())
    places = rng.integers(before[middle]), middle, rng.integers(after[middle], len(seconds))
    return seconds[list(places)]


SELECTOR = Declaration("random", RandomTriple)
