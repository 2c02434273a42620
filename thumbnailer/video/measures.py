"""Cheap measures of each tick's picture: dark, flat, blurred, moving, cut, mixed, and its look.

The rules and limits are those of Hecate (Song et al., CIKM 2016), on small pictures.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.colour_histogram import LOOK_DIM, look_of
from thumbnailer.video.dissolves import MixtureMeter
from thumbnailer.video.edge_change_ratio import Gradient, edge_change_ratio, edge_map, gradient
from thumbnailer.video.sampling import TICKS_PER_S, Sample

LUMA_BINS = 128
FLAT_BINS = 6
NUMBERS = 6


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
        mixture: (ticks,) float32 near 0 within dissolves and fades (thumbnailer.video.dissolves).
        look: (ticks, 200) uint8 histograms of colour and gradient of the latest colour picture,
            of which there are three a second (thumbnailer.video.colour_histogram).
    """

    luma: NDArray[np.float32]
    flatness: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    difference: NDArray[np.float32]
    edge_change: NDArray[np.float32]
    mixture: NDArray[np.float32]
    look: NDArray[np.uint8]

    @classmethod
    def of(cls, numbers: NDArray[np.float32], look: NDArray[np.uint8]) -> Self:
        """Return (ticks, 6) numbers in the order of the attributes, and looks, as one record."""
        luma, flatness, sharpness, difference, edges, mixture = np.ascontiguousarray(numbers.T)
        return cls(luma, flatness, sharpness, difference, edges, mixture, look)

    @classmethod
    def none(cls) -> Self:
        """Return the measures of no tick: of a video whose pictures are not at hand."""
        return cls.of(np.zeros((0, NUMBERS), np.float32), np.zeros((0, LOOK_DIM), np.uint8))

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
class Measurer:
    """Collects the measures of samples as they stream by."""

    _rows: list[tuple[float, ...]] = field(default_factory=list)
    _looks: list[NDArray[np.uint8]] = field(default_factory=list)
    _gray: NDArray[np.float32] | None = None
    _edges: NDArray[np.bool_] | None = None
    _mixtures: MixtureMeter = field(default_factory=MixtureMeter)
    _look: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(LOOK_DIM, dtype=np.uint8))

    def add(self, sample: Sample) -> None:
        """Measure one sample and enter it at each tick that shows it."""
        gray = sample.gray.astype(np.float32) / np.float32(255)
        counts = np.bincount(sample.gray.ravel() // (256 // LUMA_BINS), minlength=LUMA_BINS)
        slopes = gradient(gray)
        still = float(gray.mean()), _flatness(counts), _sharpness(slopes)
        self._rows.append((*still, *self._changes(gray, edge_map(slopes, counts))))
        repeats = sample.end_tick - sample.first_tick - 1
        self._rows.extend([(*still, 0.0, 0.0)] * repeats)
        self._mixtures.add(gray, repeats + 1)
        if sample.rgb is not None:
            self._look = look_of(sample.rgb)
        self._looks.extend([self._look] * (repeats + 1))

    def finish(self) -> FrameMeasures:
        """Return the measures of all ticks so far."""
        if not self._rows:
            return FrameMeasures.none()
        mixtures = self._mixtures.finish(len(self._rows))
        numbers = np.column_stack([np.asarray(self._rows, np.float32), mixtures])
        return FrameMeasures.of(numbers, np.stack(self._looks))

    def _changes(self, gray: NDArray[np.float32], edges: NDArray[np.bool_]) -> tuple[float, float]:
        """Return (difference, edge change ratio) to the sample before, which this replaces."""
        before, edges_before = self._gray, self._edges
        self._gray, self._edges = gray, edges
        if before is None or edges_before is None:
            return 0.0, 0.0
        return float(np.abs(gray - before).mean()), edge_change_ratio(edges_before, edges)


def _flatness(counts: NDArray[np.intp]) -> float:
    return float(np.sort(counts)[-FLAT_BINS:].sum() / counts.sum())


def _sharpness(slopes: Gradient) -> float:
    return float(np.hypot(*slopes).mean())
