"""Pictures of another shape than the film's: a change that its maker meant, or a damaged header.

A header that comes with each keyframe, as in MPEG-TS, says which part of the picture is shown.
A changed bit shows another part, or more than there is; the next header is whole again.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from thumbnailer.video.decode import FilmFrame
from thumbnailer.video.picture import Picture

BLOCK_PX = 16  # coded pictures are made of whole blocks
SHORT_S = 1.0  # what is coded alike, but shown otherwise for less than this, is no change of film


@dataclass(frozen=True, slots=True)
class Shape:
    """Width and height of a decoded frame, and the width of a pixel by its height."""

    width: int
    height: int
    pixel_aspect: Fraction

    @classmethod
    def of(cls, picture: Picture) -> "Shape":
        """Return that of a picture."""
        return cls(picture.frame.width, picture.frame.height, picture.pixel_aspect)

    @property
    def coded(self) -> tuple[int, int]:
        """How many blocks are coded in each direction, so far as what is shown tells."""
        return -(-self.width // BLOCK_PX), -(-self.height // BLOCK_PX)


@dataclass(slots=True)
class ShapeWatch:
    """Notes the shapes as they come, and tells afterwards which are not the film's."""

    _runs: list[tuple[Shape, float, float]] = field(default_factory=list)  # from and to second

    def see(self, each: FilmFrame) -> None:
        """Take the next frame in play order."""
        shape = Shape.of(each.picture)
        if self._runs and self._runs[-1][0] == shape:
            self._runs[-1] = shape, self._runs[-1][1], each.end_s
        else:
            self._runs.append((shape, each.start_s, each.end_s))

    def broken_s(self) -> list[tuple[float, float]]:
        """Return the seconds, from and to, in which the film seems to be shown wrongly."""
        usual = self._usual
        return [
            (start_s, end_s)
            for shape, start_s, end_s in self._runs
            if shape != usual and shape.coded == usual.coded and end_s - start_s < SHORT_S
        ]

    def doubtful_s(self) -> list[tuple[float, float]]:
        """Return those of a damaged film that have not the shape of most of it."""
        usual = self._usual
        return [(start_s, end_s) for shape, start_s, end_s in self._runs if shape != usual]

    @property
    def _usual(self) -> Shape:
        lengths_s: defaultdict[Shape, float] = defaultdict(float)
        for shape, start_s, end_s in self._runs:
            lengths_s[shape] += end_s - start_s
        return max(lengths_s, key=lambda each: lengths_s[each])
