"""Dissolves and fades: pictures that are mixed of one before and one after.

Within a linear dissolve each picture is the mean of those as long before and after it. What moves
is not where it was and where it will be at once, so its picture is far from that mean.
"""

from collections import deque

import numpy as np
from numpy.typing import NDArray

REACH_TICKS = 4  # before and after: what dissolves faster is taken for a cut or movement
APART = 0.05  # of full brightness, averaged over the picture: less is no transition
UNMIXED = 1.0

Gray = NDArray[np.float32]  # (36, 64), 0 to 1


class MixtureMeter:
    """Measures each tick's picture when the one ``REACH_TICKS`` after it has come."""

    def __init__(self) -> None:
        self._around: deque[Gray] = deque(maxlen=2 * REACH_TICKS + 1)
        self._values: list[float] = []

    def add(self, gray: Gray, ticks: int) -> None:
        """Take the picture that is on screen at the next ticks."""
        for _ in range(ticks):
            self._around.append(gray)
            if len(self._around) == self._around.maxlen:
                around = self._around
                self._values.append(mixture(around[0], around[REACH_TICKS], around[-1]))

    def finish(self, ticks: int) -> NDArray[np.float32]:
        """Return (ticks,) mixtures; there is none at either end."""
        found = np.full(ticks, UNMIXED, np.float32)
        found[REACH_TICKS : REACH_TICKS + len(self._values)] = self._values
        return found


def mixture(before: Gray, now: Gray, after: Gray) -> float:
    """Return how far a picture is from the mean of two, as a share of how far they are apart.

    Near 0 in dissolves and fades, about one half and more where things move; 1 where the two are
    alike.
    """
    apart = float(np.abs(after - before).mean())
    if apart < APART:
        return UNMIXED
    return float(np.abs(now - (before + after) / 2).mean()) / apart
