"""The still thumbnail, as JPEG."""

from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.results import STILL, Part, Rendition
from thumbnailer.settings import FilmSettings
from thumbnailer.video.active_area import BarDetector
from thumbnailer.video.colour_histogram import HISTOGRAM_DIM
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.fitness import badness
from thumbnailer.video.framing import Framing
from thumbnailer.video.measures import SHARPNESS, FrameMeasures, measured
from thumbnailer.video.sampling import GRAY_HEIGHT, GRAY_WIDTH

VERSION = 5  # to be raised when the same frames and quality would give other bytes
QUALITY = 85
LUMA = np.asarray([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
SHARP_SHARE = 0.8  # of the sharpness that half of the shot's frames reach
# Of brightness, by which a frame changes on both sides, and so many times as much as a quarter of
# the shot's: what passes is blurred, though its edges may be strong.
HASTY, TIMES_CALM = 8 / 255, 3.0
SOFT_BADNESS = 0.1
NEARLY_BEST = 0.98  # of the best look: the first of those that hardly differ
TINY = 1e-6
MARGIN_FRAMES = 7  # for transitions to be known by; a frame is nearly a tick


def encode_still(frame: NDArray[np.uint8], *, quality: int = QUALITY) -> bytes:
    """Encode one (height, width, 3) RGB frame."""
    file = BytesIO()
    Image.fromarray(frame).save(file, format="JPEG", quality=quality, optimize=True)
    return file.getvalue()


def still(frame: NDArray[np.uint8], *, quality: int = QUALITY) -> Rendition:
    """Return one (height, width, 3) RGB frame as a file."""
    height, width, _ = frame.shape
    content = encode_still(frame, quality=quality)
    return Rendition(STILL, "image/jpeg", ".jpg", content, width, height)


def frame_at(
    path: str | Path, time_s: float, width: int, part: Part, film: FilmSettings
) -> Rendition:
    """Return the frame on screen at this time, no wider or higher than asked for.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    [[frame]] = cut_frames(path, [[time_s]], Framing((width, width), part), film)
    return still(frame)


def best_frame(shots: NDArray[np.uint8]) -> tuple[int, int]:
    """Return the numbers of a shot and of the frame in it for viewers who ask for less motion.

    Each frame is judged beside those around it: one amid a dissolve, or blurred or in haste beside
    the rest of its own shot, is at fault. Of the first shot with frames of the least fault, for
    most none, it is the one that looks best.

    Args:
        shots: (S, N, H, W, 3) RGB frames, 80 ms apart, of which the first and the last
            ``MARGIN_FRAMES`` of each shot are there for comparison only.
    """
    small = np.stack([_small(frame) for frame in shots.reshape(-1, *shots.shape[2:])])
    grays = np.rint(small @ LUMA).astype(np.uint8)
    bars = BarDetector()
    for gray in grays:
        bars.add(gray, 1)
    area = bars.area()
    inside = grays.reshape(*shots.shape[:2], *grays.shape[1:])[..., area.rows, area.columns]
    unfit = np.stack([_unfit(shot) for shot in inside])
    chosen = int(np.argmin(unfit.min(axis=1)))
    own = slice(MARGIN_FRAMES, shots.shape[1] - MARGIN_FRAMES)
    colours = small.reshape(*shots.shape[:2], *small.shape[1:])[chosen, own]
    looks = _looks(inside[chosen, own], colours[:, area.rows, area.columns])
    looks[unfit[chosen] > unfit[chosen].min()] = -1
    return chosen, int(np.argmax(looks >= NEARLY_BEST * looks.max()))


def _looks(grays: NDArray[np.uint8], colours: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how sharp and how colourful frames are, as shares of the most of them, at most 2.

    Colourfulness is M of Hasler and Süsstrunk, "Measuring colourfulness in natural images", Human
    Vision and Electronic Imaging, 2003.
    """
    sharpness = measured(grays)[:, SHARPNESS].astype(np.float64)
    red, green, blue = np.moveaxis(colours.astype(np.float64), -1, 0).reshape(3, len(grays), -1)
    opponents = np.stack([red - green, (red + green) / 2 - blue])
    spread, mean = np.hypot(*opponents.std(axis=2)), np.hypot(*opponents.mean(axis=2))
    colourfulness = spread + 0.3 * mean
    return np.asarray(
        sharpness / max(sharpness.max(), TINY) + colourfulness / max(colourfulness.max(), TINY)
    )


def _unfit(shot: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how bad each of a shot's own frames is, of (N, h, w) gray ones."""
    frames = FrameMeasures.of(
        np.column_stack([measured(shot), np.zeros(len(shot), np.float32)]),
        np.zeros((len(shot), HISTOGRAM_DIM), np.uint8),
    )
    own = slice(MARGIN_FRAMES, len(shot) - MARGIN_FRAMES)
    sharpness = frames.sharpness[own]
    soft = sharpness < SHARP_SHARE * np.median(sharpness)
    # A cut changes all on one side alone.
    moved = np.minimum(frames.difference[:-1], frames.difference[1:])[own]
    hasty = moved > max(HASTY, TIMES_CALM * float(np.quantile(moved, 0.25)))
    return np.asarray(badness(frames)[own] + SOFT_BADNESS * (soft | hasty))


def _small(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    size = (GRAY_WIDTH, GRAY_HEIGHT)
    return np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.BOX))
