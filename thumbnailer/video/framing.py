"""The part of a film's picture that is cut, and its size in pixels."""

from dataclasses import dataclass
from math import ceil, floor

from thumbnailer.results import WHOLE, Part
from thumbnailer.video.scale import fit

SMALLEST_SIDE = 2
ROUNDED = 1e-6


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole picture's size in pixels, and what of it is kept."""

    width: int
    height: int
    rows: slice
    columns: slice


@dataclass(frozen=True, slots=True)
class Framing:
    """The wish for frames of a size.

    Attributes:
        box: width and height in pixels.
        part: of the picture that is wanted: without the bars around a film.
        turns: turn the box where the part is higher than wide, or the other way round.
        fills: let the part fill the box and reach beyond it in one direction; or fit inside.
        most: as many times larger, 1 or 2, as the film has the pixels for.
    """

    box: tuple[int, int]
    part: Part = WHOLE
    turns: bool = False
    fills: bool = False
    most: int = 1

    def layout(self, shown_size: tuple[int, int]) -> Layout:
        """Return how pictures of this size, in pixels as people see them, are laid out."""
        box = self._box(shown_size)
        if self.part == WHOLE and not self.fills:
            width, height = fit(*shown_size, *box)
        else:
            ratio = min(self._ratio(shown_size, box), 1.0)
            width, height = (max(SMALLEST_SIDE, 2 * round(side * ratio / 2)) for side in shown_size)
        times = self._times(shown_size, (width, height))
        width, height = width * times, height * times
        step = SMALLEST_SIDE * times
        rows = _inside(self.part.top, self.part.bottom, height, step)
        return Layout(width, height, rows, _inside(self.part.left, self.part.right, width, step))

    def _box(self, shown_size: tuple[int, int]) -> tuple[int, int]:
        width, height = self._wanted(shown_size)
        is_across = (width < height) != (self.box[0] < self.box[1])
        return self.box[::-1] if self.turns and is_across else self.box

    def _wanted(self, shown_size: tuple[int, int]) -> tuple[float, float]:
        return shown_size[0] * self.part.width, shown_size[1] * self.part.height

    def _ratio(self, shown_size: tuple[int, int], box: tuple[int, int]) -> float:
        ratios = [mine / its for mine, its in zip(box, self._wanted(shown_size), strict=True)]
        return max(ratios) if self.fills else min(ratios)

    def _times(self, shown_size: tuple[int, int], size: tuple[int, int]) -> int:
        has_pixels = all(self.most * s <= full for s, full in zip(size, shown_size, strict=True))
        return self.most if has_pixels else 1


def _inside(first: float, last: float, pixels: int, step: int) -> slice:
    """Return the pixels that lie between two shares of a side whole, a multiple of the step."""
    start, end = ceil(first * pixels - ROUNDED), floor(last * pixels + ROUNDED)
    count = max(step, (end - start) // step * step)
    return slice(min(start, pixels - count), min(start, pixels - count) + count)
