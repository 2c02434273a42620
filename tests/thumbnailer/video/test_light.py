import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thumbnailer.video.colour_space import BT709, BT2020, HLG, PQ, SMPTE170M, ColourSpace
from thumbnailer.video.light import eetf, is_web_colour, pq_code, pq_nits, to_web, tone_mapped

PQ_SPACE = ColourSpace(BT2020, BT2020, PQ)
HLG_SPACE = ColourSpace(BT2020, BT2020, HLG)
WIDE_SPACE = ColourSpace(BT709, 12, BT709)


def shown(space: ColourSpace, *code: float) -> list[int]:
    """Return the 8 bits of one RGB code, 0 to 1."""
    rgb = np.rint(65535 * np.asarray(code)).astype(np.uint16)[None, None]
    return [int(level) for level in to_web(rgb, space)[0, 0]]


@pytest.mark.parametrize(
    ("nits", "code"),
    # SMPTE ST 2084 and BT.2408, table 1, in shares of full range.
    [(0, 0.0), (100, 0.5081), (203, 0.5807), (1000, 0.7518), (10_000, 1.0)],
)
def test_pq_is_the_standards(nits: float, code: float) -> None:
    assert float(pq_code(np.asarray(nits))) == pytest.approx(code, abs=1e-4)
    assert float(pq_nits(np.asarray(code))) == pytest.approx(nits, rel=2e-3, abs=1e-3)


def test_reference_white_is_as_light_in_pq_as_in_hlg() -> None:
    """BT.2408, table 1: 203 cd/m² is code 0.58 of PQ and 0.75 of HLG."""
    pq, hlg = shown(PQ_SPACE, *[0.5807] * 3), shown(HLG_SPACE, *[0.75] * 3)
    assert pq[0] == pq[1] == pq[2]
    assert pq == pytest.approx(hlg, abs=2)
    assert 220 <= pq[0] <= 240  # what is lighter than white needs room


def test_what_is_darker_than_the_knee_stays() -> None:
    codes = np.linspace(0, 0.4, 50)
    np.testing.assert_allclose(eetf(codes, 0.7518), codes)


@given(st.floats(0.0, 1.0), st.floats(0.0, 0.5))
def test_lighter_stays_lighter_and_below_white(code: float, more: float) -> None:
    lower, higher = eetf(np.asarray([code, min(1.0, code + more)]), 0.7518)
    assert 0 <= lower <= higher <= 0.5807 + 1e-3


@given(st.lists(st.floats(0, 49), min_size=3, max_size=3))
def test_rolling_off_keeps_the_shares_of_the_colours(light: list[float]) -> None:
    given_light = np.asarray([light], np.float32)
    rolled = tone_mapped(given_light)
    assert rolled.max() <= 1.001
    share = rolled.sum() / max(given_light.sum(), 1e-9)
    np.testing.assert_allclose(rolled, share * given_light, atol=1e-4)


@pytest.mark.parametrize("space", [PQ_SPACE, HLG_SPACE, WIDE_SPACE])
def test_gray_stays_gray(space: ColourSpace) -> None:
    for code in np.linspace(0, 1, 12):
        red, green, blue = shown(space, code, code, code)
        assert max(red, green, blue) - min(red, green, blue) <= 1


def test_colours_of_wide_screens_are_stronger_on_the_web() -> None:
    red, green, _ = shown(WIDE_SPACE, 0.7, 0.3, 0.3)
    assert red > 0.7 * 255 + 5
    assert green < 0.3 * 255 - 5
    assert shown(WIDE_SPACE, 0, 1, 0) == [0, 255, 0]


@pytest.mark.parametrize(
    ("space", "wanted"),
    [
        (ColourSpace(BT709, BT709, BT709), True),
        (ColourSpace(SMPTE170M, SMPTE170M, SMPTE170M), True),
        (ColourSpace(BT709, 2, 2), True),
        (WIDE_SPACE, False),
        (PQ_SPACE, False),
        (ColourSpace(5, 5, 5), False),
    ],
)
def test_most_films_need_no_other_light(space: ColourSpace, wanted: bool) -> None:
    assert is_web_colour(space) is wanted
