"""The calmest frame that is not poor, by the filters of Hecate (Song et al., CIKM 2016)."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.sampling import TICKS_PER_S
from thumbnailer.video.shots import DARK_LUMA, FLAT_SHARE

WORST_SHARE = 0.15  # a filter drops only frames among the worst 15 % by its measure
BLUR_SHARPNESS = 0.08


def calmest_s(frames: FrameMeasures, ticks: NDArray[np.int64]) -> float:
    """Return the time of the frame, among these ticks', that moves least and is not poor."""
    good = ticks[~poor_frames(frames)[ticks]]
    ticks = good if good.size else ticks
    return float(ticks[np.argmin(frames.motion[ticks])] / TICKS_PER_S)


def poor_frames(frames: FrameMeasures) -> NDArray[np.bool_]:
    """Return (ticks,) bool: dark, blurred or flat, and among the video's worst by that measure."""
    dark = frames.luma <= min(DARK_LUMA, _quantile(frames.luma, WORST_SHARE))
    blurred = frames.sharpness <= min(BLUR_SHARPNESS, _quantile(frames.sharpness, WORST_SHARE))
    flat = frames.flatness >= max(FLAT_SHARE, _quantile(frames.flatness, 1 - WORST_SHARE))
    return np.asarray(dark | blurred | flat)


def _quantile(values: NDArray[np.float32], share: float) -> float:
    return float(np.quantile(values, share))
