"""A keyframe, and what of it seems not to follow from the film before (thumbnailer.video.seams)."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.blocks import (
    GOES_ON,
    LEAST,
    TIMES,
    Blocks,
    Colours,
    Gray,
    detail,
    unexplained,
)

LEAST_SHARE, MOST_SHARE = 0.04, 0.6  # of the picture: less is a thing that moves, more is a cut
MOST_BEFORE = 0.2  # of the blocks before the place from which nearly all jump
IS_TAIL = 0.75  # the share of blocks from there on, less the share before ...
IS_TAIL_OF_QUIET = 0.5  # ... where what lies before goes on as it was ...
# ... where two keyframes tell of the same part, or the film is known as damaged:
IS_TAIL_TWICE = 0.45
QUIET = 6.5  # levels, median: at cuts what seems to go on is 7.8 and more
LEAST_SHARE_ANYWHERE = 0.08  # ... where the part need not reach the end of the picture
# Levels, median, by which colours change where brightness goes on, and blocks that tell of that:
RECOLOURED, LEAST_KNOWN = 30.0, 9
DETAIL = 5.0  # levels, standard deviation: bars, sky and shade look alike in any two scenes
LEAST_BLOCKS = 36  # with detail, a quarter of the picture

Pictures = tuple[Gray, Gray, Gray, Gray]  # before the last keyframe, before one, it, and behind it


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A keyframe and what of it seems not to follow from the film before.

    Attributes:
        from_s: seconds of film at which it begins, or the pictures before it that are built on it.
        start_s: at which it begins itself.
        seam: (9, 16) bool, what jumps.
        telling: (9, 16) bool, what has detail enough to be known again.
        change: (9, 16) levels by which each block differs from the likest in the picture before.
        since: (9, 16) the same, from the picture before the last keyframe.
        recolouring: (9, 16) levels by which each block differs in red, green and blue, as `change`.
        spots: (9, 16) bool, what jumps in colour or brightness, as `seam`.
    """

    from_s: float
    start_s: float
    seam: Blocks
    telling: Blocks
    change: NDArray[np.float32]
    since: NDArray[np.float32]
    recolouring: NDArray[np.float32]
    spots: Blocks

    @classmethod
    def of(
        cls, from_s: float, start_s: float, pictures: Pictures, colours: tuple[Colours, Colours]
    ) -> Self:
        """Compare the picture with others: what jumps is not in that before, and goes on behind.

        Args:
            from_s: seconds, as the attribute.
            start_s: likewise.
            pictures: the brightness of four.
            colours: those of the picture before and of the keyframe.
        """
        earlier, before, keyframe, behind = pictures
        change, recolouring = unexplained(keyframe, before), unexplained(*reversed(colours))
        moves = np.maximum(LEAST, TIMES * unexplained(behind, keyframe))
        telling = np.maximum(detail(before), detail(keyframe)) >= DETAIL
        since = unexplained(keyframe, earlier)
        seam, spots = np.asarray(change > moves), np.asarray(recolouring > moves)
        return cls(from_s, start_s, seam, np.asarray(telling), change, since, recolouring, spots)

    @property
    def tail(self) -> float:
        """How much what jumps is all from some place on, in the order of coding: up to 1.

        0 where nearly all jumps, as at a cut, or next to nothing.
        """
        return self._tail_and_place()[0]

    def tells_alone(self, *, is_damaged: bool, is_small: bool = False) -> bool:
        """Tell whether the part is broken, whatever other keyframes say.

        Args:
            is_damaged: whether the film is known to be, so that a cut may be taken for noise.
            is_small: whether the film lies between wide bars, so that a part of it is few blocks.
        """
        tail, place = self._tail_and_place()
        if is_damaged:
            return tail >= IS_TAIL_TWICE
        if is_small:
            return tail >= IS_TAIL
        before = self.change[self.telling][:place]
        is_quiet = place >= self._least and float(np.median(before)) <= QUIET
        return tail >= (IS_TAIL_OF_QUIET if is_quiet else IS_TAIL)

    @property
    def is_spotted(self) -> bool:
        """Whether something jumps, however small, and all else goes on."""
        return 0 < self.spots.mean() <= MOST_SHARE and self._goes_on(self.recolouring, ~self.spots)

    @property
    def is_recoloured(self) -> bool:
        """Whether the picture goes on in other colours."""
        goes_on = self._goes_on(self.change, np.ones_like(self.seam))
        return goes_on and float(np.median(self.recolouring)) > RECOLOURED

    def _goes_on(self, change: NDArray[np.float32], blocks: Blocks) -> bool:
        """Tell whether all of these blocks, and those with detail, change little as a rule."""
        telling = change[blocks & self.telling]
        medians = [float(np.median(each)) for each in (change[blocks], telling) if each.size]
        return len(telling) >= LEAST_KNOWN and max(medians) <= GOES_ON

    @property
    def is_part(self) -> bool:
        """Whether a part jumps, wherever it is, and all else goes on."""
        jumps, change = self.seam[self.telling], self.change[self.telling]
        if len(jumps) < LEAST_BLOCKS or not LEAST_SHARE_ANYWHERE <= jumps.mean() <= MOST_SHARE:
            return False
        return float(np.median(change[~jumps])) <= GOES_ON

    @property
    def _least(self) -> int:
        return max(1, round(LEAST_SHARE * int(self.telling.sum())))

    def _tail_and_place(self) -> tuple[float, int]:
        """Return the tail and how many telling blocks lie before it."""
        jumps = self.seam[self.telling]
        if len(jumps) < LEAST_BLOCKS or not LEAST_SHARE <= float(jumps.mean()) <= MOST_SHARE:
            return 0.0, 0
        places = np.arange(1, len(jumps) - self._least)
        jumped = np.cumsum(jumps)[places - 1]
        before = jumped / places
        after = (jumps.sum() - jumped) / (len(jumps) - places)
        tails = np.where(before <= MOST_BEFORE, after - before, 0.0)
        best = int(tails.argmax())
        return float(tails[best]), int(places[best])
