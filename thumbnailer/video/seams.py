"""Noise that a decoder took for film, known by how it ends: at a keyframe, and in a part alone.

From a damaged place on a decoder shows noise to the end of the picture, which is coded row by row,
and builds the pictures that follow on it. The next keyframe is sound again. So a part of that
keyframe is found nowhere near its place in the picture before, though the rest is, and though the
part goes on quietly behind it. A cut changes the whole picture; what moves is as hard to find in
the picture behind.
"""

from dataclasses import dataclass, field

import numpy as np
from av.video.frame import PictureType
from numpy.typing import NDArray

from thumbnailer.video.decode import FilmFrame
from thumbnailer.video.scale import Scaler

WIDTH, HEIGHT, BLOCK_PX = 64, 36, 4
REACH_PX = 2  # how far what moves may have come
LEAST = 20.0  # levels of 255 by which a block differs from the likest near its place ...
TIMES = 3.0  # ... and so many times as much as where the film goes on
LEAST_SHARE, MOST_SHARE = 0.04, 0.6  # of the picture: less is a thing that moves, more is a cut
MOST_BEFORE = 0.2  # of the blocks before the place from which nearly all jump
IS_TAIL = 0.75  # the share of blocks from there on, less the share before ...
IS_TAIL_TWICE = 0.45  # ... where two keyframes tell of the same part
IS_SAME = 0.5  # of the smaller of two parts, that lies within the other
DETAIL = 5.0  # levels, standard deviation: bars, sky and shade look alike in any two scenes
LEAST_BLOCKS = 36  # with detail, a quarter of the picture

Gray = NDArray[np.float32]  # (36, 64)
Blocks = NDArray[np.bool_]  # (9, 16)


@dataclass(frozen=True, slots=True)
class Keyframe:
    """A keyframe and what of it seems not to follow from the film before.

    Attributes:
        start_s: seconds of film.
        seam: (9, 16) bool, what jumps.
        telling: (9, 16) bool, what has detail enough to be known again.
    """

    start_s: float
    seam: Blocks
    telling: Blocks

    @property
    def tail(self) -> float:
        """How much what jumps is all from some place on, in the order of coding: up to 1.

        0 where nearly all jumps, as at a cut, or next to nothing.
        """
        jumps = self.seam[self.telling]
        if len(jumps) < LEAST_BLOCKS or not LEAST_SHARE <= float(jumps.mean()) <= MOST_SHARE:
            return 0.0
        least = max(1, round(LEAST_SHARE * len(jumps)))
        shares = [(jumps[:at].mean(), jumps[at:].mean()) for at in range(1, len(jumps) - least)]
        tails = [float(after - before) for before, after in shares if before <= MOST_BEFORE]
        return max(tails, default=0.0)


@dataclass(slots=True)
class SeamWatch:
    """Looks at the pictures around each keyframe, and tells afterwards what lies between seams."""

    _scale: Scaler = field(
        default_factory=lambda: Scaler(WIDTH, HEIGHT, gray=True, keep_shape=False)
    )
    _last: FilmFrame | None = None
    _around: list[Gray] = field(default_factory=list)  # before a keyframe, and itself
    _keyframes: list[Keyframe] = field(default_factory=list)

    def see(self, each: FilmFrame) -> None:
        """Take the next frame in play order."""
        if each.picture.frame.pict_type == PictureType.B:
            return  # it may be made of the keyframe to come
        if self._around:
            before, keyframe = self._around
            seam = seam_between(before, keyframe, self._gray(each))
            telling = np.maximum(detail(before), detail(keyframe)) >= DETAIL
            self._keyframes[-1] = Keyframe(self._keyframes[-1].start_s, seam, telling)
            self._around = []
        if each.is_key and not (self._last and self._last.is_key):
            nothing = np.zeros((HEIGHT // BLOCK_PX, WIDTH // BLOCK_PX), np.bool_)
            self._keyframes.append(Keyframe(each.start_s, nothing, nothing))
            if self._last:
                self._around = [self._gray(self._last), self._gray(each)]
        self._last = each

    def broken_s(self) -> list[tuple[float, float]]:
        """Return the seconds, from and to, in which the film shows what is not its own."""
        return broken_s(self._keyframes, self._last.end_s if self._last else 0.0)

    def _gray(self, each: FilmFrame) -> Gray:
        return self._scale(each.picture).astype(np.float32)


def broken_s(keyframes: list[Keyframe], end_s: float) -> list[tuple[float, float]]:
    """Return the seconds between keyframes in which something seems broken.

    Where the same part jumps at two keyframes, what lies between them is broken. Where a part to
    the end of the picture jumps at one alone, it may be what lies before it or behind.
    """
    count = len(keyframes)
    pairs = {n for n in range(1, count) if is_same_part(keyframes[n - 1], keyframes[n])}
    explained = pairs | {number - 1 for number in pairs}
    alone = {n for n in range(1, count) if n not in explained and keyframes[n].tail >= IS_TAIL}
    spans = {number - 1 for number in pairs | alone} | alone
    ends_s = [keyframe.start_s for keyframe in keyframes[1:]] + [end_s]
    return [(keyframes[number].start_s, ends_s[number]) for number in sorted(spans)]


def is_same_part(one: Keyframe, other: Keyframe) -> bool:
    """Tell whether the same part of the picture, to its end, jumps at both keyframes."""
    if min(one.tail, other.tail) < IS_TAIL_TWICE:
        return False
    shared = int((one.seam & other.seam).sum())
    return shared >= IS_SAME * min(int(one.seam.sum()), int(other.seam.sum()))


def seam_between(before: Gray, keyframe: Gray, behind: Gray) -> Blocks:
    """Return (9, 16): what of a keyframe is not in the picture before, and goes on behind it."""
    change = unexplained(keyframe, before)
    return np.asarray(change > np.maximum(LEAST, TIMES * unexplained(behind, keyframe)))


def unexplained(picture: Gray, reference: Gray) -> NDArray[np.float32]:
    """Return (9, 16): how far each block is from the likest near its place in the reference."""
    around = np.pad(reference, REACH_PX, mode="edge")
    shifts = range(2 * REACH_PX + 1)
    moved = [around[y : y + HEIGHT, x : x + WIDTH] for y in shifts for x in shifts]
    return np.asarray(block_means(np.abs(np.stack(moved) - picture)).min(axis=0))


def detail(picture: Gray) -> NDArray[np.float32]:
    """Return (9, 16) the standard deviation within each block."""
    variance = block_means(picture**2) - block_means(picture) ** 2
    return np.asarray(np.sqrt(np.maximum(variance, 0)))


def block_means(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return (..., 9, 16) the means of the blocks of (..., 36, 64) pictures."""
    shape = (HEIGHT // BLOCK_PX, BLOCK_PX, WIDTH // BLOCK_PX, BLOCK_PX)
    return np.asarray(pictures.reshape(*pictures.shape[:-2], *shape).mean(axis=(-3, -1)))
