"""The part of the picture that is film: what bars leave of it.

A bar is a run of lines at an edge that keep one colour nearly all the time: black around pictures
of another shape, or whatever colour a maker put there. They are looked for over the whole film: a
dark scene alone makes no bar. Bars are left out where pictures are measured. They are cut away only
where they end in a straight edge, or what moves before a plain ground would lose the ground. A bar
may hold a logo or subtitles where the one across from it is as wide and plain.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Part

PLAIN_LEVELS = 16  # of 256 that a bar's pixels may differ by, for noise and rounding
ALWAYS = 0.95  # of the time: logos and flashes may break a bar for the rest
SMALLEST_SIDE = 0.2  # of the picture: what is less is no film between bars
SMALLEST_AREA = 0.125
# A bar ends in an edge where the film beside it is unlike the bar along so much of its length ...
STRAIGHT = 0.7
OFTEN = 0.9  # ... in the pictures that are more unlike it than this share of them
ALIKE_LINES = 2  # by which two bars of one film may differ
LETTERED = 0.75  # of a line: a logo or a line of subtitles in a bar takes less
SPARE = 0.1  # of a line, by which the edge may be misjudged
# A black edge thinner than a line takes light from it all the time. Of 14 real clips such lines are
# at most 0.6 as light as the next, others 0.84 and more. A line is 1.6 % of a picture's width.
SLIVER = 0.75
LIT = 32  # of 256


AT_ONCE = 60  # pictures

Pictures = NDArray[np.uint8]  # (T, H, W)
Lines = NDArray[np.uint8]  # (T, 4, L)


@dataclass(frozen=True, slots=True)
class ActiveArea:
    """Rows and columns of the picture, as slices."""

    rows: slice
    columns: slice


class BarDetector:
    """Looks at the lines of pictures as they come, of many at once."""

    def __init__(self) -> None:
        self._lines = bytearray()
        self._waiting: list[tuple[NDArray[np.uint8], int]] = []  # pictures, and of how many ticks
        self._height = self._width = 0

    def add(self, gray: NDArray[np.uint8], ticks: int) -> None:
        """Take the (H, W) picture that is on screen at so many ticks; all have one size."""
        self._height, self._width = gray.shape
        self._waiting.append((gray, ticks))
        if len(self._waiting) >= AT_ONCE:
            self._look()

    def _look(self) -> None:
        """Keep what lines of the pictures that wait are like."""
        if self._waiting:
            grays, ticks = zip(*self._waiting, strict=True)
            self._lines += np.repeat(_lines_of(np.stack(grays)), ticks, axis=0).tobytes()
            self._waiting.clear()

    def area(self) -> ActiveArea:
        """Return what bars leave; the whole where they would leave next to nothing."""
        rows, columns = (_film(lines) for lines in self._seen())
        if rows.mean() * columns.mean() < SMALLEST_AREA:
            return ActiveArea(slice(0, len(rows)), slice(0, len(columns)))
        return self._without_lettered_bars(ActiveArea(_run(rows), _run(columns)))

    def _without_lettered_bars(self, area: ActiveArea) -> ActiveArea:
        rows, columns = self._seen()
        height, width = _length(area.rows), _length(area.columns)
        return ActiveArea(
            _between_twins(rows, area.rows, width), _between_twins(columns, area.columns, height)
        )

    def part(self) -> Part:
        """Return what is to be cut: the picture without bars that end in a straight edge."""
        area = self.area()
        rows, columns = self._seen()
        stays = area
        while True:
            top, bottom = _edges(rows, area.rows, area.columns, stays.columns)
            left, right = _edges(columns, area.columns, area.rows, stays.rows)
            before, stays = (
                stays,
                ActiveArea(
                    _staying(area.rows, top, bottom, rows.shape[2]),
                    _staying(area.columns, left, right, columns.shape[2]),
                ),
            )
            if stays == before:  # or larger: then edges must be longer
                return Part(left, top, right, bottom)

    def _seen(self) -> tuple[Lines, Lines]:
        """Return of each row, and of each column, (T, 4, L) numbers.

        They are its lowest, highest and mean level, and how many of its pixels are unlike the
        nearer corner, which is bar where there is one.
        """
        self._look()
        lines = np.frombuffer(self._lines, np.uint8).reshape(-1, 4, self._height + self._width)
        return lines[..., : self._height], lines[..., self._height :]


def _lines_of(grays: Pictures) -> Lines:
    """Return (T, 4, H + W) what is looked at of each row and column (BarDetector._seen)."""
    directions = grays.swapaxes(1, 2), grays
    low = [each.min(axis=1) for each in directions]
    high = [each.max(axis=1) for each in directions]
    mean = [each.sum(axis=1, dtype=np.uint32) // each.shape[1] for each in directions]
    lines = low, high, mean, _unlike_corners(grays)
    return np.stack([np.concatenate(each, axis=1) for each in lines], axis=1).astype(np.uint8)


def _unlike_corners(grays: Pictures) -> list[NDArray[np.int64]]:
    """Return how many pixels of each row and column are unlike the nearer corner.

    They are (T, L) each, of the upper rows, the lower ones, the columns on the left and the others.
    """
    first, last = (_unlike(grays, grays[:, at, at]) for at in (0, -1))
    rows, columns = grays.shape[1] // 2, grays.shape[2] // 2
    counts = [first[:, :rows].sum(axis=2), last[:, rows:].sum(axis=2)]
    return [*counts, first[:, :, :columns].sum(axis=1), last[:, :, columns:].sum(axis=1)]


def _unlike(grays: Pictures, levels: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return (T, H, W) bool: the pixel is unlike the level of its picture, (T,)."""
    apart = np.abs(grays.astype(np.int16) - levels.astype(np.int16)[:, None, None])
    return np.asarray(apart > PLAIN_LEVELS)


def _edges(
    lines: Lines, inside: slice, film_across: slice, stays_across: slice
) -> tuple[float, float]:
    """Return where the film begins and ends, as shares of the side.

    Of two bars that are alike one edge along the film is enough: it may be dim beside the other,
    and above or below. A bar without its like ends along all that stays, or it is a thing's ground.

    Args:
        lines: of one direction.
        inside: those of film.
        film_across: in the other direction.
        stays_across: the same with what is not cut away beside it.
    """
    mirrored = lines[..., ::-1]
    bars = inside.start, lines.shape[2] - inside.stop
    alike = all(bars) and abs(bars[0] - bars[1]) <= ALIKE_LINES
    length = _length(film_across if alike else stays_across)
    ends = [_is_edge(lines, bars[0], length), _is_edge(mirrored, bars[1], length)]
    if any(ends) and alike:
        ends = [True, True]
    start, end = (
        _edge(each, bar) if is_edge else _sliver(each)
        for each, bar, is_edge in zip((lines, mirrored), bars, ends, strict=True)
    )
    return start, 1 - end


def _staying(inside: slice, start: float, end: float, count: int) -> slice:
    """Return the film with the bars that are not cut away; it begins and ends at these shares."""
    first = inside.start if start * count >= 1 else 0
    return slice(first, inside.stop if (1 - end) * count >= 1 else count)


def _length(lines: slice) -> int:
    return int(lines.stop - lines.start)


def _between_twins(lines: Lines, inside: slice, length: int) -> slice:
    """Return the run without a lettered bar across from a plain one; lines are so long in it."""
    count = lines.shape[2]
    start, end = inside.start, count - inside.stop
    if start > end + ALIKE_LINES and _is_edge(lines, start, length):
        return slice(start, count - _lettered(lines[..., ::-1], start, length))
    if end > start + ALIKE_LINES and _is_edge(lines[..., ::-1], end, length):
        return slice(_lettered(lines, end, length), inside.stop)
    return inside


def _lettered(lines: Lines, twin: int, length: int) -> int:
    """Return how wide a bar with letters begins these lines, its twin being so wide; else 0."""
    unlike = np.quantile(lines[:, 3, : twin - 1], ALWAYS, axis=0)
    is_bar = bool((unlike <= LETTERED * length).all())
    return twin if is_bar and _is_edge(lines, twin, length) else 0


def _is_edge(lines: Lines, first: int, length: int) -> bool:
    """Tell whether the film's first line is at times unlike the bar along most of its length."""
    often = np.quantile(lines[:, 3, first], OFTEN)
    return first > 0 and bool(often >= STRAIGHT * length)


def _edge(lines: Lines, first: int) -> float:
    """Return where the film begins, as a share of the side.

    The line between bar and film is as much unlike the bar as there is film on it.
    """
    means = lines[:, 2].astype(np.float64)
    unlike = np.abs(means[:, first - 1 : first + 1] - np.median(means[:, 0]))
    share = float(np.clip(unlike[:, 0] @ unlike[:, 1] / max(unlike[:, 1] @ unlike[:, 1], 1), 0, 1))
    return float(max(0.0, first - share + SPARE) / lines.shape[2])


def _sliver(lines: Lines) -> float:
    """Return how wide a black edge thinner than a line is, as a share of the side; 0 for none."""
    first, next_one = lines[:, 2, :2].T.astype(np.float64)
    lit = next_one > LIT
    if not lit.any():
        return 0.0
    shares = first[lit] / next_one[lit]
    if np.quantile(shares, ALWAYS) > SLIVER:
        return 0.0
    return float(min(1.0, 1 - np.median(shares) + SPARE) / lines.shape[2])


def _film(lines: Lines) -> NDArray[np.bool_]:
    """Return (L,) bool: the line lies between the bars; all do where no film would be left."""
    low, high = lines[:, 0], lines[:, 1]
    middle = (low + (high - low) // 2).astype(np.int16)
    off = np.abs(middle - np.median(middle, axis=0).astype(np.int16))
    keeps_its_colour = (high - low <= PLAIN_LEVELS) & (off <= PLAIN_LEVELS)
    film = np.flatnonzero(keeps_its_colour.mean(axis=0) < ALWAYS)
    between = np.zeros(lines.shape[2], bool)
    if film.size:
        between[_without_rims(int(film[0]), int(film[-1]), len(between))] = True
    return between if between.mean() >= SMALLEST_SIDE else np.ones_like(between)


def _without_rims(first: int, last: int, count: int) -> slice:
    """Return the lines from first to last without those beside a bar, which may be half bar."""
    return slice(first + (first > 0), last + (last == count - 1))


def _run(lines: NDArray[np.bool_]) -> slice:
    inside = np.flatnonzero(lines)
    return slice(int(inside[0]), int(inside[-1]) + 1)
