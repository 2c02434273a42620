"""Cheap measures of each tick's gray picture: dark, flat, blurred, moving.

The rules and limits are those of Hecate's quality filters (Song et al., CIKM 2016), on small
pictures.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import sobel

from thumbnailer.video.sampling import TICKS_PER_S, Sample

LUMA_BINS = 128
FLAT_BINS = 6


@dataclass(frozen=True, slots=True)
class FrameMeasures:
    """One number a tick each, all (ticks,) float32.

    Attributes:
        luma: mean brightness, 0 black to 1 white.
        flatness: share of pixels in the 6 fullest of 128 brightness bins; 1 is one flat colour.
        sharpness: mean Sobel gradient magnitude of brightness in [0, 1].
        difference: mean absolute change of brightness since the tick before; 0 at the first.
    """

    luma: NDArray[np.float32]
    flatness: NDArray[np.float32]
    sharpness: NDArray[np.float32]
    difference: NDArray[np.float32]

    @property
    def duration_s(self) -> float:
        """How long the decoded pictures last."""
        return len(self.luma) / TICKS_PER_S


@dataclass(slots=True)
class Measurer:
    """Collects the measures of samples as they stream by."""

    _rows: list[tuple[float, float, float, float]] = field(default_factory=list)
    _previous: NDArray[np.float32] | None = None

    def add(self, sample: Sample) -> None:
        """Measure one sample and enter it at each tick that shows it."""
        gray = sample.gray.astype(np.float32) / np.float32(255)
        change = 0.0 if self._previous is None else float(np.abs(gray - self._previous).mean())
        luma, flatness, sharpness = float(gray.mean()), _flatness(sample.gray), _sharpness(gray)
        self._rows.append((luma, flatness, sharpness, change))
        repeats = sample.end_tick - sample.first_tick - 1
        self._rows.extend([(luma, flatness, sharpness, 0.0)] * repeats)
        self._previous = gray

    def finish(self) -> FrameMeasures:
        """Return the measures of all ticks so far."""
        columns = np.asarray(self._rows, dtype=np.float32).reshape(-1, 4).T
        return FrameMeasures(*columns)


def _flatness(gray: NDArray[np.uint8]) -> float:
    counts = np.bincount(gray.ravel() // (256 // LUMA_BINS), minlength=LUMA_BINS)
    return float(np.sort(counts)[-FLAT_BINS:].sum() / gray.size)


def _sharpness(gray: NDArray[np.float32]) -> float:
    return float(np.hypot(sobel(gray, axis=0), sobel(gray, axis=1)).mean())
