"""The budget: met by the best quality that fits, or said not to be."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thumbnailer.encode.moving import moving_scene
from thumbnailer.encode.animation import AnimationFormat, Frames
from thumbnailer.encode.budget import MOST_ENCODES, WELL_FILLED, encode_within
from thumbnailer.encode.formats import FORMATS, GIF, MP4

FRAMES = moving_scene(6, 90, 160)
ALL = pytest.mark.parametrize("image_format", FORMATS.values(), ids=FORMATS.keys())


@ALL
def test_what_fits_at_once_is_encoded_once(image_format: AnimationFormat) -> None:
    made = encode_within(image_format, FRAMES)

    assert made.within_budget
    assert (made.quality, made.encodes) == (image_format.default_quality, 1)
    assert made.media_type == image_format.media_type
    assert (made.width, made.height) == (160, 90)
    assert 0.8 < made.ssim <= 1


@ALL
def test_a_tight_budget_is_met_and_well_used(image_format: AnimationFormat) -> None:
    usual = len(encode_within(image_format, FRAMES).content)
    least = len(image_format.encode(FRAMES, 8, 0))
    budget = (usual + least) // 2

    made = encode_within(image_format, FRAMES, budget_bytes=budget)

    assert made.within_budget
    assert len(made.content) <= budget
    assert len(made.content) > 0.7 * budget
    assert 1 < made.encodes <= MOST_ENCODES


@ALL
def test_an_impossible_budget_gives_the_smallest_and_says_so(
    image_format: AnimationFormat,
) -> None:
    made = encode_within(image_format, FRAMES, budget_bytes=10)

    assert not made.within_budget
    assert made.budget_bytes == 10
    assert made.content == image_format.encode(FRAMES, 8, 0)
    assert made.encodes == 2


def test_a_larger_file_of_even_sides_is_compared_without_its_margin() -> None:
    made = encode_within(MP4, np.ascontiguousarray(FRAMES[:, :89, :159]))

    assert (made.width, made.height) == (160, 90)
    assert made.ssim > 0.8


def test_a_delay_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="delay_cs == 0"):
        encode_within(GIF, FRAMES, delay_cs=0)


@settings(max_examples=60, deadline=None)
@given(
    growth=st.floats(1.001, 1.12),
    base=st.integers(100, 5000),
    budget=st.integers(50, 500_000),
)
def test_any_curve_of_sizes_is_searched_in_few_encodes(
    growth: float, base: int, budget: int
) -> None:
    def encode(frames: Frames, delay_cs: int, quality: int) -> bytes:
        return bytes(round(base * growth**quality))

    def decode(content: bytes, count: int, delay_cs: int) -> Frames:
        return tiny

    tiny = moving_scene(1, 13, 9)
    curve = replace(GIF, encode=encode, decode=decode, default_quality=100)

    made = encode_within(curve, tiny, budget_bytes=budget)

    assert made.encodes <= MOST_ENCODES
    assert made.within_budget == (base <= budget)
    next_better = len(encode(tiny, 8, made.quality + 1))
    well_used = len(made.content) >= 0.9 * WELL_FILLED * budget or next_better > budget
    assert well_used or made.quality == 100 or not made.within_budget
