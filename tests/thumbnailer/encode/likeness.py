"""How a file is shown, and how like its frames that is: by Pillow, FFmpeg and SSIM.

Wang, Bovik, Sheikh and Simoncelli, "Image quality assessment: from error visibility to structural
similarity", IEEE Transactions on Image Processing 13(4), 2004.
"""

from io import BytesIO

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from thumbnailer.encode.parts.colour import luma

C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # Eq. 7 and 9, K1 = 0.01 and K2 = 0.03
SIGMA_PX, RADIUS_PX = 1.5, 5  # their 11 x 11 Gaussian window

Frames = NDArray[np.uint8]  # (N, H, W, 3) RGB


def frames_on_screen(content: bytes, count: int, delay_cs: int) -> Frames:
    """Return the (count, H, W, 3) frames that a player shows amid each frame's time."""
    pictures, durations_ms = _film(content) if content[4:12] == b"ftypisom" else _image(content)
    middles_ms = (np.arange(count) + 0.5) * 10 * delay_cs
    numbers = np.searchsorted(np.cumsum(durations_ms), middles_ms, side="right")
    return np.stack(pictures)[np.minimum(numbers, len(pictures) - 1)]


def _image(content: bytes) -> tuple[list[Frames], list[float]]:
    """Return pictures and how long each stays; encoders may join frames that are equal."""
    pictures, durations_ms = [], []
    with Image.open(BytesIO(content)) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            pictures.append(np.asarray(image.convert("RGB")))
            durations_ms.append(image.info.get("duration", 0))
    return pictures, durations_ms


def _film(content: bytes) -> tuple[list[Frames], list[float]]:
    """Return pictures and how long each stays: in an MP4 of ours all as long."""
    with av.open(BytesIO(content), "r") as container:
        frame_ms = 1000 / float(container.streams.video[0].average_rate or 0)
        pictures = [
            np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
            for frame in container.decode(video=0)
        ]
    return pictures, [frame_ms] * len(pictures)


def ssim(reference: NDArray[np.uint8], shown: NDArray[np.uint8]) -> float:
    """Return the mean SSIM (Eq. 13) on luma over all pixels of all frames."""
    pairs = zip(reference, shown, strict=True)
    return float(np.mean([_frame_ssim(_plane(x), _plane(y)) for x, y in pairs]))


def _plane(frame: NDArray[np.uint8]) -> NDArray[np.float32]:
    return luma(frame.reshape(-1, 3)).reshape(frame.shape[:2])


def _frame_ssim(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    mean_x, mean_y = _window(x), _window(y)
    variance_x = _window(x * x) - mean_x**2
    variance_y = _window(y * y) - mean_y**2
    covariance = _window(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + C1) / (mean_x**2 + mean_y**2 + C1)
    structure = (2 * covariance + C2) / (variance_x + variance_y + C2)
    return float(np.mean(luminance * structure))


def _window(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    smooth: NDArray[np.float32] = gaussian_filter(plane, SIGMA_PX, radius=RADIUS_PX)
    return smooth
