from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.analysis.stats.engine import compare_arms, honest_method, summarise_arms
from experiments.analysis.stats.errors import DesignError, InputError
from experiments.analysis.stats.records import VideoCounts, ViewerVideoCells
from experiments.analysis.stats.results import Method, Mode
from experiments.analysis.stats.two_way import CodedCells
from experiments.unit import Unit

from .cast import counts_of, draw_cells, draw_counts


@pytest.mark.parametrize(
    ("unit", "with_cells", "method"),
    [
        (Unit.VIEWER_VIDEO, False, Method.PAIRED_BY_VIDEO),
        (Unit.VIEWER_VIDEO, True, Method.TWO_WAY),
        (Unit.IMPRESSION, False, Method.PAIRED_BY_VIDEO),
        (Unit.IMPRESSION, True, Method.TWO_WAY),
        (Unit.VIEWER, True, Method.TWO_WAY),
        (Unit.VIDEO, False, Method.WELCH),
        (Unit.VIDEO, True, Method.WELCH),
    ],
)
def test_the_design_picks_the_test(unit: Unit, with_cells: bool, method: Method) -> None:
    assert honest_method(unit, with_cells=with_cells) is method


def test_a_wanted_test_is_used_where_it_is_honest() -> None:
    wanted = Method.PAIRED_BY_VIDEO
    assert honest_method(Unit.VIEWER_VIDEO, with_cells=True, wanted=wanted) is wanted


def test_paired_under_sticky_assignment_is_refused_and_the_right_test_named() -> None:
    with pytest.raises(DesignError, match=r"not honest when the unit is 'viewer'.*'two-way by"):
        compare_arms(draw_counts(), Unit.VIEWER, method=Method.PAIRED_BY_VIDEO)


def test_sticky_assignment_without_sums_says_what_is_needed() -> None:
    with pytest.raises(DesignError, match=r"unit == 'viewer'.*pass cells"):
        compare_arms(draw_counts(), Unit.VIEWER)


def test_two_way_without_sums_says_what_is_needed() -> None:
    with pytest.raises(DesignError, match=r"unit == 'viewer_video'.*pass cells"):
        compare_arms(draw_counts(), Unit.VIEWER_VIDEO, method=Method.TWO_WAY)


def test_paired_between_assigned_videos_is_refused() -> None:
    with pytest.raises(DesignError, match="must be 'Welch between videos'"):
        compare_arms(draw_counts(), Unit.VIDEO, method=Method.PAIRED_BY_VIDEO)


def test_a_number_before_the_planned_end_is_provisional() -> None:
    counts = draw_counts()
    early = compare_arms(counts, Unit.VIEWER_VIDEO, planned_end_reached=False)
    assert early.mode is Mode.PROVISIONAL
    assert compare_arms(counts, Unit.VIEWER_VIDEO).mode is Mode.FIXED_HORIZON


def test_two_way_from_cells_in_any_order_of_videos() -> None:
    cells = draw_cells(1)
    counts = CodedCells.of(cells).counts()
    turned = VideoCounts(
        counts.video_ids[::-1], counts.arms, counts.views[::-1], counts.clicks[::-1]
    )
    got = compare_arms(turned, Unit.VIEWER_VIDEO, cells=cells)
    same = compare_arms(counts, Unit.VIEWER_VIDEO, cells=cells)
    assert got.method is Method.TWO_WAY
    assert got.comparisons[0].p_value == same.comparisons[0].p_value


def test_two_way_leaves_out_the_same_videos_as_paired() -> None:
    cells = draw_cells(1)
    counts = CodedCells.of(cells).counts()
    threshold = int(np.median(counts.views))
    two_way = compare_arms(counts, Unit.VIEWER_VIDEO, cells=cells, min_views=threshold)
    paired = compare_arms(
        counts, Unit.VIEWER_VIDEO, min_views=threshold, method=Method.PAIRED_BY_VIDEO
    )
    assert two_way.inclusion.left_out == paired.inclusion.left_out
    assert 0 < two_way.inclusion.included_videos < counts.video_ids.size
    for a, b in zip(two_way.comparisons, paired.comparisons, strict=True):
        assert a.difference.value == pytest.approx(b.difference.value)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda c: (c.arms, c.views + 1, c.clicks), "both must be of the same data"),
        (lambda c: (c.arms, c.views, np.zeros_like(c.clicks)), "cells hold .* clicks, counts 0"),
        (lambda c: (("a", "b", "c"), c.views, c.clicks), "cells.arms == "),
    ],
)
def test_cells_and_counts_must_be_of_the_same_data(
    spoil: Callable[[VideoCounts], Any], message: str
) -> None:
    cells = draw_cells(1)
    counts = CodedCells.of(cells).counts()
    other = VideoCounts(counts.video_ids, *spoil(counts))
    with pytest.raises(InputError, match=message):
        compare_arms(other, Unit.VIEWER_VIDEO, cells=cells)


def test_cells_of_other_videos_are_refused() -> None:
    cells = draw_cells(1)
    counts = CodedCells.of(cells).counts()
    other = VideoCounts(counts.video_ids + 1, counts.arms, counts.views, counts.clicks)
    with pytest.raises(InputError, match="both must be of the same data"):
        compare_arms(other, Unit.VIEWER_VIDEO, cells=cells)


seeds = st.integers(0, 10_000)


@given(seed=seeds)
@settings(max_examples=25)
def test_swapping_arms_flips_the_sign(seed: int) -> None:
    counts = draw_counts(seed, lifts=(1.0, 1.2))
    swapped = VideoCounts(
        counts.video_ids, counts.arms[::-1], counts.views[:, ::-1], counts.clicks[:, ::-1]
    )
    one = compare_arms(counts, Unit.VIEWER_VIDEO).comparisons[0]
    other = compare_arms(swapped, Unit.VIEWER_VIDEO).comparisons[0]
    assert other.difference.value == pytest.approx(-one.difference.value)
    assert other.difference.low == pytest.approx(-one.difference.high)
    assert other.p_value == pytest.approx(one.p_value)
    assert 1 + other.improvement.low == pytest.approx(1 / (1 + one.improvement.high))
    assert 1 + other.improvement.high == pytest.approx(1 / (1 + one.improvement.low))


@given(seed=seeds)
@settings(max_examples=25)
def test_relabelling_videos_and_viewers_changes_nothing(seed: int) -> None:
    cells = draw_cells(seed, rows=600, viewers=40, videos=8)
    rng = np.random.default_rng(seed)
    relabelled = ViewerVideoCells(
        rng.permutation(1000)[cells.viewer_ids],
        rng.permutation(2000)[cells.video_ids],
        cells.arm_index,
        cells.views,
        cells.clicks,
        cells.arms,
    )
    results = [
        compare_arms(CodedCells.of(c).counts(), Unit.VIEWER_VIDEO, cells=c).comparisons
        for c in (cells, relabelled)
    ]
    for one, other in zip(*results, strict=True):
        assert other.p_value == pytest.approx(one.p_value, rel=1e-8)
        assert other.improvement.high == pytest.approx(one.improvement.high, rel=1e-8)


@given(seed=seeds)
@settings(max_examples=25)
def test_more_traffic_at_the_same_rates_leaves_the_estimate(seed: int) -> None:
    counts = draw_counts(seed, views=50)
    more = VideoCounts(counts.video_ids, counts.arms, counts.views * 9, counts.clicks * 9)
    for one, other in zip(
        compare_arms(counts, Unit.VIEWER_VIDEO).comparisons,
        compare_arms(more, Unit.VIEWER_VIDEO).comparisons,
        strict=True,
    ):
        assert other.improvement.value == pytest.approx(one.improvement.value)


def test_more_traffic_shrinks_the_error() -> None:
    for views in (50, 200, 800):
        few, many = (
            compare_arms(draw_counts(3, views=n, spread=0.05), Unit.VIEWER_VIDEO).comparisons[0]
            for n in (views, 4 * views)
        )
        assert many.standard_error < few.standard_error


def test_zero_views_in_an_arm_leave_every_figure_nan_with_a_reason() -> None:
    counts = counts_of([[10, 0], [20, 0]], [[1, 0], [2, 0]])
    result = compare_arms(counts, Unit.VIEWER_VIDEO)
    assert result.inclusion.left_out[0].reason == "fewer than 1 views in arm 'seq2seq'"
    assert result.comparisons[0].reason == "no video counts"
    assert np.isnan(result.comparisons[0].difference.value)
    assert np.isnan(summarise_arms(counts, Unit.VIEWER_VIDEO).arms[0].mean_ctr.value)
