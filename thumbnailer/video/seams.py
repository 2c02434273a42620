"""Noise that a decoder took for film, known by how it ends: at a keyframe, and in a part alone.

From a damaged place on a decoder shows noise to the end of the picture, which is coded row by row,
and builds the pictures that follow on it. The next keyframe is sound again. So a part of that
keyframe is found nowhere near its place in the picture before, though the rest is, and though the
part goes on quietly behind it. A cut changes the whole picture; what moves is as hard to find in
the picture behind. Colours alone can be wrong, too: those of a whole picture by a changed weight.
"""

from dataclasses import dataclass, field

import numpy as np
from av.video.frame import PictureType

from thumbnailer.video.blocks import (
    BLOCK_PX,
    HEIGHT,
    LEAST,
    WIDTH,
    Colours,
    Gray,
)
from thumbnailer.video.decode import FilmFrame
from thumbnailer.video.keyframe import IS_TAIL_TWICE, Keyframe
from thumbnailer.video.scale import Scaler

IS_SAME = 0.5  # of the smaller of two parts, that lies within the other
IS_SAME_ANYWHERE = 0.7  # ... where neither need reach the end of the picture (cuts: 0.63 at most)
# A part, or all, that is another at one keyframe, and at the next as it was before:
LEAST_BACK = 15.0  # levels by which it jumps both times
BACK = 0.6  # by less than this share of them it is off
LEAST_SHARE_BACK, IS_BACK = 0.1, 0.4  # of the picture; of what jumps either time
MOST_AWAY = 0.25  # of the picture: more is another scene
LENGTH_STEP_S, LEAST_REGULAR = 0.04, 3  # of the spans between keyframes that are of one length
MOST_SPOTTED = 0.5  # of the keyframes
# With detail at any keyframe. Films of fewer lie between bars: what happens to go on at a cut is
# soon half of them. Of 56 sound films of 35 to 108 blocks 11 were taken for broken.
LEAST_BLOCKS_EVER = 110

NOTHING: Gray = np.zeros((HEIGHT, WIDTH), np.float32)

NONE: Colours = np.zeros((3, HEIGHT, WIDTH), np.float32)


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

    @property
    def tell_of_damage(self) -> bool:
        """Whether the film is damaged by what its keyframes show."""
        return tell_of_damage(self._keyframes)

    def doubtful_s(self) -> list[tuple[float, float]]:
        """Return the seconds of a damaged film that may be broken, which nothing tells for sure.

        They are those with a spot, and those behind the last keyframe, since none tells how they
        ended; none of these where there is no other keyframe: all of the film would be as doubtful.
        """
        last = [(self._keyframes[-1].from_s, self._end_s)] if len(self._keyframes) > 1 else []
        return spotted_s(self._keyframes, self._end_s, is_damaged=True) + last

    def spotted_s(self) -> list[tuple[float, float]]:
        """Return the seconds of a film that seems sound in which a spot comes and goes."""
        return spotted_s(self._keyframes, self._end_s, is_damaged=False)

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
    return _between_s(keyframes, end_s, *_seams(keyframes, is_damaged=is_damaged))


def tell_of_damage(keyframes: list[Keyframe]) -> bool:
    """Tell whether they are enough to call a film damaged of which nothing else is known.

    One keyframe alone is not: in a sound film a camera that shakes had brought in grass from below.
    """
    pairs, alone = _seams(keyframes, is_damaged=False)
    return bool(pairs) or len(alone) > 1


def _seams(keyframes: list[Keyframe], *, is_damaged: bool) -> tuple[set[int], set[int]]:
    """Return the keyframes that tell with the one before of what lies between, and those alone."""
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
    return pairs, alone


def spotted_s(
    keyframes: list[Keyframe], end_s: float, *, is_damaged: bool
) -> list[tuple[float, float]]:
    """Return the seconds between keyframes that may show a spot of noise, if the film has any.

    Of sound films one keyframe in 27 has a spot, and more where all moves: of more than half they
    tell nothing. Of 2,157 keyframes two have one that was there at the last keyframe, too: such a
    spot came and went with the keyframes, and tells where nothing else does.

    Args:
        keyframes: of a film, in order.
        end_s: at which it ends.
        is_damaged: whether the film is known to be, so that a spot at one keyframe tells, too.
    """
    spotted = {n for n in range(1, len(keyframes)) if keyframes[n].is_spotted}
    if len(spotted) > MOST_SPOTTED * len(keyframes):
        return []
    pairs = {
        n for n in spotted if n - 1 in spotted and is_same_spot(keyframes[n - 1], keyframes[n])
    }
    alone = spotted - pairs - {number - 1 for number in pairs} if is_damaged else set()
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
