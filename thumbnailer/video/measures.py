"""Cheap measures of each tick's picture: dark, flat, blurred, moving, mixed, its colours.

The rules and limits are those of Hecate (Song et al., CIKM 2016), on small pictures, without the
bars around the film.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Part
from thumbnailer.video.active_area import BarDetector
from thumbnailer.video.colour_histogram import HISTOGRAM_DIM, colour_histograms, pixels_of
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.edge_change_ratio import edge_change_ratios, edge_maps, gradient
from thumbnailer.video.gray_film import GrayFilm, beside
from thumbnailer.video.mixtures import LONGEST_REACH_TICKS
from thumbnailer.video.sampling import Sample
from thumbnailer.video.self_similarity import REACH_TICKS
from thumbnailer.video.spots import spotted_s
from thumbnailer.video.ticks import TICKS_PER_S, tick_at
from thumbnailer.video.transitions import MARGIN_TICKS, chances, descriptions, patterns

LUMA_BINS = 128
FLAT_BINS = 6
COLOURS_AT_ONCE = 30  # ten seconds'
NUMBERS = 7
# Errors of pictures that decoders took for whole. Of what flashes or moves at once all is spotted.
BROKEN, DOUBTFUL, SPOTTED = 1.0, 0.5, 0.25
SHARPNESS, TRANSITION = 2, 5  # their columns


@dataclass(frozen=True, slots=True)
class FrameMeasures:
    """What is known of each tick's picture: every field is an array with one row a tick.

    Attributes:
        luma: (ticks,) float32 mean brightness, 0 black to 1 white.
        flatness: (ticks,) float32 share of pixels in the 6 fullest of 128 brightness bins; 1 is
            one flat colour.
        sharpness: (ticks,) float32 mean Sobel gradient magnitude of brightness in [0, 1].
        difference: (ticks,) float32 mean absolute change of brightness since the tick before; 0
            at the first.
        edge_change: (ticks,) float32 edge change ratio since the tick before, 0 to 1; 0 at the
            first.
        transition: (ticks,) float32 how sure it is, 0 to 1, that the picture is amid a dissolve,
            fade or wipe (thumbnailer.video.transitions).
        errors: (ticks,) float32 how much was lost of the coded film since the keyframe on which
            the picture rests; 0 where it is sound (thumbnailer.video.damage); below 1 where it is
            doubtful.
        colour_histogram: (ticks, 200) uint8 histograms of colour and gradient of the latest colour
            picture, of which there are three a second (thumbnailer.video.colour_histogram).
    """

    luma: NDArray[np.float32]
    flatness: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    difference: NDArray[np.float32]
    edge_change: NDArray[np.float32]
    transition: NDArray[np.float32]
    errors: NDArray[np.float32]
    colour_histogram: NDArray[np.uint8]

    @classmethod
    def of(cls, numbers: NDArray[np.float32], histograms: NDArray[np.uint8]) -> Self:
        """Return (ticks, 7) numbers in the order of the attributes, and histograms, as a record."""
        columns: list[NDArray[Any]] = [*np.ascontiguousarray(numbers.T), histograms]
        return cls(*columns)

    @classmethod
    def none(cls) -> Self:
        """Return the measures of no tick: of a video whose pictures are not at hand."""
        return cls.of(np.zeros((0, NUMBERS), np.float32), np.zeros((0, HISTOGRAM_DIM), np.uint8))

    @property
    def duration_s(self) -> float:
        """How long the decoded pictures last."""
        return len(self.luma) / TICKS_PER_S

    @property
    def motion(self) -> NDArray[np.float32]:
        """Mean of the differences to the tick before and to the one after: (ticks,) float32.

        A frame is still when neither the step to it nor the step from it moves.
        """
        return (self.difference + np.append(self.difference, np.float32(0))[1:]) / np.float32(2)


@dataclass(slots=True)
class _Colours:
    """The histogram of the latest colour picture at each tick, made of many pictures at once."""

    _waiting: list[NDArray[np.uint8]] = field(default_factory=list)
    _made: list[NDArray[np.uint8]] = field(
        default_factory=lambda: [np.zeros((1, HISTOGRAM_DIM), np.uint8)]  # before there is one
    )
    _latest: int = 0
    _of_ticks: list[int] = field(default_factory=list)

    def add(self, rgb: NDArray[np.uint8] | None, ticks: int) -> None:
        """Take a (size, size, 3) picture, if any, and the ticks at which it or the last is seen."""
        if rgb is not None:
            self._waiting.append(pixels_of(rgb))
            self._latest += 1
        self._of_ticks.extend([self._latest] * ticks)
        if len(self._waiting) == COLOURS_AT_ONCE:
            self._make()

    def of_ticks(self) -> NDArray[np.uint8]:
        """Return (ticks, HISTOGRAM_DIM) of all ticks so far."""
        if self._waiting:
            self._make()
        return np.concatenate(self._made)[self._of_ticks]

    def _make(self) -> None:
        self._made.append(colour_histograms(np.stack(self._waiting)))
        self._waiting.clear()


@dataclass(slots=True)
class Measurer:
    """Collects samples as they stream by, and measures them when all are there."""

    _film: GrayFilm = field(default_factory=GrayFilm)
    _bars: BarDetector = field(default_factory=BarDetector)
    _errors: list[int] = field(default_factory=list)
    _colours: _Colours = field(default_factory=_Colours)

    def add(self, sample: Sample) -> None:
        """Enter one sample at each tick that shows it."""
        ticks = sample.end_tick - sample.first_tick
        self._film.add(sample.gray, ticks)
        self._bars.add(sample.gray, ticks)
        self._errors.extend([sample.errors] * ticks)
        self._colours.add(sample.rgb, ticks)

    def part(self) -> Part:
        """Return what of the picture is to be cut: all but the bars around the film."""
        return self._bars.part()

    def finish(self, log: DecodingLog) -> FrameMeasures:
        """Return the measures of all ticks so far.

        Args:
            log: of the pass, which knows of damage that decoders do not tell.
        """
        if not self._errors:
            return FrameMeasures.none()
        numbers: list[NDArray[np.float32]] = []
        seen = beside(self._looked_at(numbers), REACH_TICKS)
        rows = (patterns(each)[before:][:ticks] for before, ticks, each in seen)
        known = beside(rows, MARGIN_TICKS)
        amid = np.concatenate([chances(each)[before:][:ticks] for before, ticks, each in known])
        columns = [np.concatenate(numbers), amid, self._all_errors(log)]
        return FrameMeasures.of(np.column_stack(columns), self._colours.of_ticks())

    def _looked_at(self, numbers: list[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Yield the descriptions of each block of ticks, and add its numbers to those given."""
        area = self._bars.area()
        for before, ticks, pictures in self._film.parts(LONGEST_REACH_TICKS):
            looks = _Looks.of(pictures[:, area.rows, area.columns])
            numbers.append(looks.numbers[before:][:ticks])
            yield looks.described[before:][:ticks]

    def _all_errors(self, log: DecodingLog) -> NDArray[np.float32]:
        """Return (ticks,) the errors that decoders told of, and those that pictures tell of."""
        errors = np.asarray(self._errors, np.float32)
        in_pictures = spotted_s(self._film, log.keyframes_s) if log.is_damaged else []
        spots_s = in_pictures + log.spotted_s
        known = {BROKEN: log.broken_s, DOUBTFUL: log.doubtful_s, SPOTTED: spots_s}
        for least, spans_s in known.items():
            for from_s, to_s in spans_s:
                ticks = slice(tick_at(from_s), tick_at(to_s))
                errors[ticks] = np.maximum(errors[ticks], least)
        return errors


def measured(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return (T, 6) the measures but for the errors, of (T, h, w) successive pictures."""
    looks = _Looks.of(pictures)
    return np.column_stack([looks.numbers, chances(patterns(looks.described))])


@dataclass(frozen=True, slots=True)
class _Looks:
    """What is measured of each picture.

    Attributes:
        numbers: (T, 5) the measures.
        described: (T, 489) of thumbnailer.video.transitions.
    """

    numbers: NDArray[np.float32]
    described: NDArray[np.float32]

    @classmethod
    def of(cls, pictures: NDArray[np.uint8]) -> Self:
        grays = pictures.astype(np.float32) / np.float32(255)
        counts = _histograms(pictures)
        slopes = gradient(grays)
        edges, gradients = edge_maps(slopes, counts), np.hypot(*slopes)
        numbers = np.zeros((len(grays), TRANSITION), np.float32)
        numbers[:, 0] = grays.mean(axis=(1, 2))
        numbers[:, 1] = np.sort(counts, axis=1)[:, -FLAT_BINS:].sum(axis=1) / grays[0].size
        numbers[:, SHARPNESS] = gradients.mean(axis=(1, 2))
        numbers[1:, 3] = np.abs(np.diff(grays, axis=0)).mean(axis=(1, 2))
        numbers[1:, 4] = edge_change_ratios(edges[:-1], edges[1:])
        return cls(numbers, descriptions(pictures, grays, gradients))


def _histograms(pictures: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return (T, 128) counts of brightness."""
    bins = pictures.reshape(len(pictures), -1) // (256 // LUMA_BINS)
    of_all = bins + LUMA_BINS * np.arange(len(pictures))[:, None]
    counts = np.bincount(of_all.ravel(), minlength=LUMA_BINS * len(pictures))
    return counts.reshape(-1, LUMA_BINS)
