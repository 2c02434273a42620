"""The budget: met by the best quality that fits, or missed by the smallest file there is."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thumbnailer.encode.moving import moving_scene
from thumbnailer.encode.budget import HARDLY_BETTER, MOST_ENCODES, WELL_FILLED, encode_within
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.gif.encoder import GIF
from thumbnailer.encode.parts.animation import AnimationFormat
from thumbnailer.encode.parts.footage import Footage

FOOTAGE = Footage(moving_scene(6, 90, 160))
ALL = pytest.mark.parametrize("image_format", FORMATS.values(), ids=FORMATS.keys())


class Counting:
    """A format whose encoder notes the qualities that it is asked for."""

    def __init__(self, image_format: AnimationFormat) -> None:
        self.qualities: list[int] = []
        self._encode = image_format.encode
        self.format = replace(image_format, encode=self.encode)

    def encode(self, footage: Footage, delay_cs: int, quality: int) -> bytes:
        self.qualities.append(quality)
        return self._encode(footage, delay_cs, quality)


def made_within(image_format: AnimationFormat, budget_bytes: int, quality: int = 60) -> bytes:
    return encode_within(
        image_format, FOOTAGE, delay_cs=8, quality=quality, budget_bytes=budget_bytes
    )


@ALL
def test_what_fits_at_once_is_encoded_once(image_format: AnimationFormat) -> None:
    counting = Counting(image_format)

    made = made_within(counting.format, 1_000_000)

    assert counting.qualities == [60]
    assert made == image_format.encode(FOOTAGE, 8, 60)


@ALL
def test_a_tight_budget_is_met_and_well_used(image_format: AnimationFormat) -> None:
    usual, least = (len(image_format.encode(FOOTAGE, 8, quality)) for quality in (60, 0))
    budget = (usual + least) // 2
    counting = Counting(image_format)

    made = made_within(counting.format, budget)

    assert 0.7 * budget < len(made) <= budget
    assert 1 < len(counting.qualities) <= MOST_ENCODES


@ALL
def test_an_impossible_budget_gives_the_smallest_of_two(image_format: AnimationFormat) -> None:
    counting = Counting(image_format)

    made = made_within(counting.format, 10)

    assert made == image_format.encode(FOOTAGE, 8, 0)
    assert counting.qualities == [60, 0]


def test_a_delay_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="delay_cs == 0"):
        encode_within(GIF, FOOTAGE, delay_cs=0, quality=60, budget_bytes=1000)


@settings(max_examples=60, deadline=None)
@given(
    growth=st.floats(1.001, 1.12),
    base=st.integers(100, 5000),
    budget=st.integers(50, 500_000),
)
def test_any_curve_of_sizes_is_searched_in_few_encodes(
    growth: float, base: int, budget: int
) -> None:
    def encode(footage: Footage, delay_cs: int, quality: int) -> bytes:
        return bytes(round(base * growth**quality))

    counting = Counting(replace(GIF, encode=encode))

    made = made_within(counting.format, budget, quality=100)

    assert len(counting.qualities) <= MOST_ENCODES
    assert (len(made) <= budget) == (base <= budget)
    found = [q for q in counting.qualities if len(encode(FOOTAGE, 8, q)) == len(made)]
    next_better = len(encode(FOOTAGE, 8, max(found) + HARDLY_BETTER))
    well_used = len(made) >= 0.9 * WELL_FILLED * budget or next_better > budget
    assert well_used or 100 in found or base > budget


@ALL
def test_bytes_rise_with_quality(image_format: AnimationFormat) -> None:
    assert np.all(np.diff([image_format.log_size(quality) for quality in range(101)]) > 0)


@ALL
@pytest.mark.parametrize("share", [0.95, 0.7, 0.5])
def test_sizes_as_of_real_clips_are_met_by_the_second_encode(
    image_format: AnimationFormat, share: float
) -> None:
    def encode(footage: Footage, delay_cs: int, quality: int) -> bytes:
        return bytes(round(100_000 * math.exp(image_format.log_size(quality))))

    counting = Counting(replace(image_format, encode=encode))
    budget = round(share * len(encode(FOOTAGE, 8, 80)))
    made = made_within(counting.format, budget, quality=80)
    assert len(counting.qualities) == 2
    assert len(made) <= budget
