from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageSequence

from tests.thumbnailer.clips import Frame, scene
from thumbnailer.encode.cut import shot_times_s
from thumbnailer.encode.gif import encode_gif
from thumbnailer.encode.still import encode_still


def shots() -> list[list[Frame]]:
    return [[scene(number)(index) for index in range(12)] for number in range(3)]


def test_frames_return_in_order_and_little_changed() -> None:
    image = Image.open(BytesIO(encode_gif(shots())))
    decoded = [np.asarray(f.convert("RGB"), float) for f in ImageSequence.Iterator(image)]
    wanted = [frame for shot in shots() for frame in shot]
    assert len(decoded) == 36
    errors = [np.square(got - sent).mean() for got, sent in zip(decoded, wanted, strict=True)]
    assert max(errors) < 40  # 32 dB


def test_it_plays_at_80_ms_for_ever() -> None:
    image = Image.open(BytesIO(encode_gif(shots())))
    assert image.info["loop"] == 0
    durations = [frame.info["duration"] for frame in ImageSequence.Iterator(image)]
    assert durations == [80] * 36


def test_a_frozen_shot_becomes_one_long_frame() -> None:
    still = [scene(0)(0)] * 12
    image = Image.open(BytesIO(encode_gif([still, shots()[1], still])))
    durations = [frame.info["duration"] for frame in ImageSequence.Iterator(image)]
    assert durations == [960, *[80] * 12, 960]


@pytest.mark.parametrize("size", [(2, 2), (180, 102), (134, 320)])
def test_any_size_is_encoded(size: tuple[int, int]) -> None:
    frame = np.random.default_rng(0).integers(0, 256, (*size, 3), dtype=np.uint8)
    assert Image.open(BytesIO(encode_gif([[frame]]))).size == size[::-1]
    assert Image.open(BytesIO(encode_still(frame))).size == size[::-1]


def test_a_still_is_little_changed() -> None:
    frame = scene(3)(4)
    decoded = np.asarray(Image.open(BytesIO(encode_still(frame))), float)
    assert np.square(decoded - frame).mean() < 60


@pytest.mark.parametrize(("length_s", "count"), [(1.0, 12), (0.5, 6), (0.08, 1), (0.01, 1)])
def test_frames_lie_within_their_shot(length_s: float, count: int) -> None:
    times_s = shot_times_s(length_s)
    assert len(times_s) == count
    assert max(times_s) < max(length_s, 0.01)
    assert np.diff(times_s) == pytest.approx(0.08)
