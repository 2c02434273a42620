"""Noise that a decoder took for film, known by how it ends: at a keyframe, and in a part alone.

From a damaged place on a decoder shows noise to the end of the picture, which is coded row by row,
and builds the pictures that follow on it. The next keyframe is sound again. So a part of that
keyframe is found nowhere near its place in the picture before, though the rest is, and though the
part goes on quietly behind it. A cut changes the whole picture; what moves is as hard to find in
the picture behind. Colours alone can be wrong, too: those of a whole picture by a changed weight.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from thumbnailer.video.blocks import (
    BLOCK_PX,
    GOES_ON,
    HEIGHT,
    LEAST,
    TIMES,
    WIDTH,
    Blocks,
    Colours,
    Gray,
    detail,
    unexplained,
)
from thumbnailer.video.decode import FilmFrame
from thumbnailer.video.scale import Scaler

LEAST_SHARE, MOST_SHARE = 0.04, 0.6  # of the picture: less is a thing that moves, more is a cut
MOST_BEFORE = 0.2  # of the blocks before the place from which nearly all jump
IS_TAIL = 0.75  # the share of blocks from there on, less the share before ...
IS_TAIL_OF_QUIET = 0.5  # ... where what lies before goes on as it was ...
# ... where two keyframes tell of the same part, or the film is known as damaged:
IS_TAIL_TWICE = 0.45
QUIET = 6.5  # levels, median: at cuts what seems to go on is 7.8 and more
IS_SAME = 0.5  # of the smaller of two parts, that lies within the other
IS_SAME_ANYWHERE = 0.7  # ... where neither need reach the end of the picture (cuts: 0.63 at most)
LEAST_SHARE_ANYWHERE = 0.08
# A part, or all, that is another at one keyframe, and at the next as it was before:
LEAST_BACK = 15.0  # levels by which it jumps both times
BACK = 0.6  # by less than this share of them it is off
LEAST_SHARE_BACK, IS_BACK = 0.1, 0.4  # of the picture; of what jumps either time
MOST_AWAY = 0.25  # of the picture: more is another scene
LENGTH_STEP_S, LEAST_REGULAR = 0.04, 3  # of the spans between keyframes that are of one length
# Levels, median, by which colours change where brightness goes on, and blocks that tell of that:
RECOLOURED, LEAST_KNOWN = 30.0, 9
MOST_SPOTTED = 0.5  # of the keyframes
DETAIL = 5.0  # levels, standard deviation: bars, sky and shade look alike in any two scenes
LEAST_BLOCKS = 36  # with detail, a quarter of the picture
# With detail at any keyframe. Films of fewer lie between bars: what happens to go on at a cut is
# soon half of them. Of 56 sound films of 35 to 108 blocks 11 were taken for broken.
LEAST_BLOCKS_EVER = 110

NOTHING: Gray = np.zeros((HEIGHT, WIDTH), np.float32)

Pictures = tuple[Gray, Gray, Gray, Gray]  # before the last keyframe, before one, it, and behind it
NONE: Colours = np.zeros((3, HEIGHT, WIDTH), np.float32)


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


@dataclass(slots=True)
class SeamWatch:
    """Looks at the pictures around each keyframe, and tells afterwards what lies between seams."""

    _scale: Scaler = field(
        default_factory=lambda: Scaler(WIDTH, HEIGHT, gray=True, keep_shape=False)
    )
    _scale_colours: Scaler = field(default_factory=lambda: Scaler(WIDTH, HEIGHT, keep_shape=False))
    _last: FilmFrame | None = None
    _leading_s: float | None = None  # since then, pictures that a keyframe to come may be part of
    _before: Gray = field(default_factory=NOTHING.copy)  # the last keyframe
    _around: tuple[Gray, Gray, Gray] | None = None  # before the last one, before this one, itself
    _colours: tuple[Colours, Colours] = NONE, NONE  # before this one, itself
    _keyframes: list[Keyframe] = field(default_factory=list)

    def see(self, each: FilmFrame) -> None:
        """Take the next frame in play order."""
        if each.picture.frame.pict_type == PictureType.B:
            self._leading_s = each.start_s if self._leading_s is None else self._leading_s
            return
        if self._around:
            last, pictures = self._keyframes[-1], (*self._around, self._gray(each))
            self._keyframes[-1] = Keyframe.of(last.from_s, last.start_s, pictures, self._colours)
            self._around = None
        if each.is_key and not (self._last and self._last.is_key):
            from_s = each.start_s if self._leading_s is None else self._leading_s
            self._keyframes.append(Keyframe.of(from_s, each.start_s, (NOTHING,) * 4, (NONE, NONE)))
            if self._last:
                earlier, self._before = self._before, self._gray(self._last)
                self._around = earlier, self._before, self._gray(each)
                self._colours = self._in_colour(self._last), self._in_colour(each)
        self._last, self._leading_s = each, None

    def broken_s(self, *, is_damaged: bool) -> list[tuple[float, float]]:
        """Return the seconds, from and to, in which the film shows what is not its own.

        Args:
            is_damaged: whether the film is known to be by something else.
        """
        return broken_s(self._keyframes, self._end_s, is_damaged=is_damaged)

    def doubtful_s(self) -> list[tuple[float, float]]:
        """Return the seconds of a damaged film that may be broken, which nothing tells for sure.

        They are those with a spot, and those behind the last keyframe, since none tells how they
        ended; none of these where there is no other keyframe: all of the film would be as doubtful.
        """
        last = [(self._keyframes[-1].from_s, self._end_s)] if len(self._keyframes) > 1 else []
        return spotted_s(self._keyframes, self._end_s) + last

    @property
    def keyframes_s(self) -> list[float]:
        """The seconds of film at which keyframes begin, one that follows another left out."""
        return [each.start_s for each in self._keyframes]

    @property
    def _end_s(self) -> float:
        return self._last.end_s if self._last else 0.0

    def _gray(self, each: FilmFrame) -> Gray:
        return self._scale(each.picture).astype(np.float32)

    def _in_colour(self, each: FilmFrame) -> Colours:
        return np.moveaxis(self._scale_colours(each.picture), -1, 0).astype(np.float32)


def broken_s(
    keyframes: list[Keyframe], end_s: float, *, is_damaged: bool
) -> list[tuple[float, float]]:
    """Return the seconds between keyframes in which something seems broken.

    Where the same part jumps at two keyframes, or what jumps at one is as before at the next, what
    lies between them is broken. Where a part to the end of the picture jumps at one alone, it may
    be what lies before it or behind.
    """
    count = len(keyframes)
    is_small = not is_damaged and blocks_ever(keyframes) < LEAST_BLOCKS_EVER
    compared = range(1, 1 if is_small else count)
    pairs = {n for n in compared if is_same_part(keyframes[n - 1], keyframes[n])}
    by_chance = set(range(1, count)) if is_damaged else regular(keyframes)
    pairs |= {n for n in by_chance if is_back(keyframes[n - 1], keyframes[n])}
    recoloured = {n for n in by_chance if keyframes[n].is_recoloured}
    pairs |= {n for n in recoloured if n - 1 in recoloured}
    explained = pairs | {number - 1 for number in pairs}
    alone = {
        number
        for number in set(range(1, count)) - explained
        if number in recoloured
        or keyframes[number].tells_alone(is_damaged=is_damaged, is_small=is_small)
    }
    return _between_s(keyframes, end_s, pairs, alone)


def spotted_s(keyframes: list[Keyframe], end_s: float) -> list[tuple[float, float]]:
    """Return the seconds between keyframes that may show a spot of noise, if the film has any.

    Of sound films it is one keyframe in 27, and more where all moves: of more than half they tell
    nothing.
    """
    spotted = {n for n in range(1, len(keyframes)) if keyframes[n].is_spotted}
    if len(spotted) > MOST_SPOTTED * len(keyframes):
        return []
    pairs = {
        n for n in spotted if n - 1 in spotted and is_same_spot(keyframes[n - 1], keyframes[n])
    }
    alone = spotted - pairs - {number - 1 for number in pairs}
    return _between_s(keyframes, end_s, pairs, alone)


def _between_s(
    keyframes: list[Keyframe], end_s: float, pairs: set[int], alone: set[int]
) -> list[tuple[float, float]]:
    """Return the seconds before the last keyframe of each pair, and on both sides of others."""
    spans = {number - 1 for number in pairs | alone} | alone
    ends_s = [keyframe.start_s for keyframe in keyframes[1:]] + [end_s]
    return [(keyframes[number].from_s, ends_s[number]) for number in sorted(spans)]


def blocks_ever(keyframes: list[Keyframe]) -> int:
    """Return how many blocks have detail at any of the keyframes."""
    ever = np.zeros((HEIGHT // BLOCK_PX, WIDTH // BLOCK_PX), bool)
    for each in keyframes:
        ever |= each.telling
    return int(ever.sum())


def is_same_part(one: Keyframe, other: Keyframe) -> bool:
    """Tell whether the same part of the picture jumps at both keyframes.

    It reaches to the end of the picture; or it is any, as with codecs that code large squares.
    """
    smaller = min(int(one.seam.sum()), int(other.seam.sum()))
    shared = int((one.seam & other.seam).sum()) / max(1, smaller)
    if min(one.tail, other.tail) >= IS_TAIL_TWICE:
        return shared >= IS_SAME
    return one.is_part and other.is_part and shared >= IS_SAME_ANYWHERE


def is_same_spot(one: Keyframe, other: Keyframe) -> bool:
    """Tell whether something in the same place jumps at both keyframes."""
    return bool((one.spots & other.spots).any())


def is_back(one: Keyframe, other: Keyframe) -> bool:
    """Tell whether what jumps at one keyframe is at the other as it was before both."""
    jumps = np.minimum(one.change, other.change)
    back = (jumps > LEAST_BACK) & (other.since < BACK * jumps)
    either = np.maximum(one.change, other.change) > LEAST
    if back.mean() < LEAST_SHARE_BACK or (other.since > LEAST).mean() > MOST_AWAY:
        return False
    return int(back.sum()) >= IS_BACK * int(either.sum())


def regular(keyframes: list[Keyframe]) -> set[int]:
    """Return the keyframes that come as long after the one before as most do.

    Of those that an encoder puts where scenes begin and end, a shot may lie between two.
    """
    lengths = np.round(np.diff([each.start_s for each in keyframes]) / LENGTH_STEP_S)
    values, counts = np.unique(lengths, return_counts=True)
    if not counts.size or counts.max() < LEAST_REGULAR:
        return set()
    return {1 + int(number) for number in np.flatnonzero(lengths == values[counts.argmax()])}
