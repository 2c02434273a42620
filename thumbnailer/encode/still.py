"""The still thumbnail, as JPEG."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.video.active_area import BarDetector
from thumbnailer.video.colour_histogram import HISTOGRAM_DIM
from thumbnailer.video.fitness import badness
from thumbnailer.video.measures import FrameMeasures, measured
from thumbnailer.video.sampling import GRAY_HEIGHT, GRAY_WIDTH
from thumbnailer.video.transitions import REACH_TICKS

VERSION = 1  # to be raised when the same frames and quality would give other bytes
QUALITY = 85
SHARP_SHARE = 0.8  # of the sharpness that half of the shot's frames reach
SOFT_BADNESS = 0.1
MARGIN_FRAMES = 2 * REACH_TICKS - 1  # by which transitions are known; a frame is nearly a tick


def encode_still(frame: NDArray[np.uint8], *, quality: int = QUALITY) -> bytes:
    """Encode one (height, width, 3) RGB frame."""
    file = BytesIO()
    Image.fromarray(frame).save(file, format="JPEG", quality=quality, optimize=True)
    return file.getvalue()


def first_good(shots: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the numbers of the shot and of the frame in it that is the first without a fault.

    It is what viewers see who ask for less motion. Each frame is judged beside those around it:
    one amid a dissolve, or blurred beside the rest of its own shot, is none. Where all have faults,
    it is the one with the least.

    Args:
        shots: (S, N, H, W, 3) RGB frames, 80 ms apart, of which the first and the last
            ``MARGIN_FRAMES`` of each shot are there for comparison only.
    """
    small = np.stack([_small_gray(frame) for frame in shots.reshape(-1, *shots.shape[2:])])
    bars = BarDetector()
    for gray in small:
        bars.add(gray, 1)
    area = bars.area()
    inside = small.reshape(*shots.shape[:2], *small.shape[1:])[..., area.rows, area.columns]
    unfit = np.stack([_unfit(shot) for shot in inside])
    shot, frame = np.unravel_index(np.argmin(unfit), unfit.shape)
    return int(shot), int(frame)


def _unfit(shot: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how bad each of a shot's own frames is, of (N, h, w) gray ones."""
    frames = FrameMeasures.of(
        np.column_stack([measured(shot), np.zeros(len(shot), np.float32)]),
        np.zeros((len(shot), HISTOGRAM_DIM), np.uint8),
    )
    own = slice(MARGIN_FRAMES, len(shot) - MARGIN_FRAMES)
    sharpness = frames.sharpness[own]
    soft = sharpness < SHARP_SHARE * np.median(sharpness)
    return np.asarray(badness(frames)[own] + SOFT_BADNESS * soft)


def _small_gray(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    gray = Image.fromarray(frame).convert("L")
    return np.asarray(gray.resize((GRAY_WIDTH, GRAY_HEIGHT), Image.Resampling.BOX))
