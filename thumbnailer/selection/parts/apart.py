"""Seconds in order of merit, kept at a distance from each other."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.shots import SHOTS_IN_A_GIF


def best_apart(
    ranking: NDArray[np.integer], spacing_s: int, count: int = SHOTS_IN_A_GIF
) -> NDArray[np.int64]:
    """Return the first ``count`` of the ranking that keep their distance from those before."""
    chosen: list[int] = []
    for shot in ranking.tolist():
        if all(abs(shot - other) >= spacing_s for other in chosen):
            chosen.append(shot)
        if len(chosen) == count:
            break
    return np.asarray(chosen, dtype=np.int64)
