from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.thumbnailer.clips import black, scene, scenes
from thumbnailer.encode.still import encode_still, first_good


def test_a_still_is_little_changed() -> None:
    frame = scene(3)(4)
    decoded = np.asarray(Image.open(BytesIO(encode_still(frame))), float)
    assert np.square(decoded - frame).mean() < 60


@pytest.mark.parametrize("size", [(2, 2), (180, 102), (134, 320)])
def test_any_size_is_encoded(size: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert Image.open(BytesIO(encode_still(frame))).size == size[::-1]


def test_dark_and_blurred_frames_are_no_still() -> None:
    good = scenes([0.5])
    blurred = [np.full_like(good[0], 120)]
    assert first_good(np.stack([*good, *black(1)])) == 0
    assert first_good(np.stack([*black(2), *blurred, *good])) == 3
    assert first_good(np.stack(black(3))) == 0
