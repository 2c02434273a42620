"""A control: three shots drawn at random, all triples alike likely."""

from zlib import crc32

import numpy as np

from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.video.shots import SHOTS_IN_A_GIF


class RandomTriple:
    """Looks at nothing but what may be chosen."""

    version = "random-1"
    media = Media.GIF
    note = ""

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return one triple in time order; two videos get different draws by the same seed."""
        video = crc32(shots.eligible.tobytes() + shots.frames.luma.tobytes())
        rng = np.random.default_rng([seed, video])
        chosen = np.sort(rng.choice(shots.eligible, SHOTS_IN_A_GIF, replace=False))
        return (Candidate(tuple(map(float, chosen)), 0.0),)


SELECTOR = Declaration("random", RandomTriple)
