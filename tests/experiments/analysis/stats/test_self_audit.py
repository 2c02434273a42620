import numpy as np
import pytest

from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.results import Method
from experiments.analysis.stats.self_audit import permute_within_videos, split_control
from experiments.unit import Unit

from .cast import draw_counts, draw_sums


def test_permuted_clicks_are_rejected_as_often_as_promised() -> None:
    # The data have a large effect; dealt anew they have none.
    counts = draw_counts(1, videos=120, lifts=(1.0, 2.0, 3.0))
    got = permute_within_videos(counts, Unit.VIEWER_VIDEO, repetitions=300)
    assert got.tests == 600
    assert 0.02 < got.rate.value < 0.09
    assert got.rate.low < got.rate.value < got.rate.high
    assert got.nominal == pytest.approx(0.05)
    assert not got.alarm


def test_halves_of_the_control_are_rejected_as_often_as_promised() -> None:
    counts = draw_counts(2, videos=120)
    got = split_control(counts, Unit.IMPRESSION, repetitions=300, max_videos=100)
    assert got.method is Method.PAIRED_BY_VIDEO
    assert got.tests == 300
    assert 0.015 < got.rate.value < 0.095


@pytest.mark.parametrize("unit", [Unit.VIEWER, Unit.VIEWER_VIDEO, Unit.IMPRESSION])
def test_the_designs_own_units_are_split(unit: Unit) -> None:
    sums = draw_sums(3, rows=4000, viewers=150, videos=25, sticky=unit is Unit.VIEWER)
    counts = CodedSums.of(sums).counts().total()
    got = split_control(counts, unit, sums=sums, repetitions=150)
    assert got.method is Method.TWO_WAY
    assert got.tests == 150
    assert got.rate.value < 0.12


def test_same_seed_same_answer() -> None:
    counts = draw_counts(1)
    first, again, other = (
        permute_within_videos(counts, Unit.IMPRESSION, repetitions=40, level=0.5, seed=s)
        for s in (1, 1, 2)
    )
    assert first == again
    assert first.rate != other.rate


def test_too_little_to_test_is_nan_with_the_reason() -> None:
    counts = draw_counts(1, videos=3, views=10, ctr=0.01)
    got = split_control(counts, Unit.IMPRESSION, repetitions=5)
    assert (got.tests, got.untestable) == (0, 5)
    assert np.isnan(got.rate.value)
    assert "too few clicks" in got.rate.reason
    assert not got.alarm


def test_refuses_what_the_design_makes_dishonest() -> None:
    counts = draw_counts(1)
    with pytest.raises(DesignError, match="not exchangeable"):
        permute_within_videos(counts, Unit.VIEWER)
    with pytest.raises(DesignError, match="sums by viewer and video"):
        split_control(counts, Unit.VIEWER)
    with pytest.raises(DesignError, match="unit == 'video'"):
        split_control(counts, Unit.VIDEO)
