"""Of all real clips, no published picture is darker or flatter than it need be, by its pixels.

The small test beside the thumbnailer looks at the seconds chosen of three clips; here are all
clips, all selectors, and the pictures themselves.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from tests.thumbnailer.mutations import SMALL
from tests.thumbnailer.test_nothing_poor import DARK, FLAT, Noise, brightness
from thumbnailer.choose import choose
from thumbnailer.encode.renditions import render
from thumbnailer.features.analysis import Analysis, analyse
from thumbnailer.registry import SELECTORS

pytestmark = pytest.mark.benchmark

CHOICE = 3  # seconds that are fit, besides those at both ends
ENCODED = 0.01  # by which a GIF's colours may darken or flatten


def test_no_published_picture_is_poor_without_need(shared_videos: Path) -> None:
    poor = {}
    for path in sorted(shared_videos.iterdir()):
        means, spreads = brightness(path)
        fit = int(((means > DARK) & (spreads > FLAT))[2:-2].sum())
        video = analyse(str(path), Noise())
        chosen = {choose(video, name).starts_s for name in SELECTORS}
        worst = [_published(path, video, starts_s).min(axis=0) for starts_s in chosen]
        darkest, flattest = np.min(worst, axis=0)
        print(f"{path.name:34} {fit:3} fit seconds, darkest {darkest:.3f}, flattest {flattest:.3f}")
        if fit >= CHOICE and (darkest < DARK - ENCODED or flattest < FLAT - ENCODED):
            poor[path.name] = darkest, flattest
    assert not poor


def _published(path: Path, video: Analysis, starts_s: Sequence[float]) -> NDArray[np.float64]:
    """Return (pictures, 2) mean and spread of brightness, 0 to 1, of a choice's files."""
    length_s = float(len(starts_s) > 1)
    files = render(path, starts_s, length_s, part=video.part, settings=SMALL)
    return np.concatenate([_brightness_of(file.content) for file in files])


def _brightness_of(content: bytes) -> NDArray[np.float64]:
    with Image.open(BytesIO(content)) as image:
        grays = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(image)]
    return np.asarray([(gray.mean() / 255, gray.std() / 255) for gray in grays])
