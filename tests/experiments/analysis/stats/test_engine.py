from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import Data, estimate, honest_method
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.results import Comparison, Method
from experiments.analysis.stats.summary import summarise
from experiments.unit import Unit

from .cast import counts_of, draw_counts, draw_sums, in_strata


@pytest.mark.parametrize(
    ("unit", "with_sums", "method"),
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
def test_the_design_picks_the_test(unit: Unit, with_sums: bool, method: Method) -> None:
    assert honest_method(unit, with_sums=with_sums) is method


def test_a_wanted_test_is_used_where_it_is_honest() -> None:
    wanted = Method.PAIRED_BY_VIDEO
    assert honest_method(Unit.VIEWER_VIDEO, with_sums=True, wanted=wanted) is wanted


def test_paired_under_sticky_assignment_is_refused_and_the_right_test_named() -> None:
    with pytest.raises(DesignError, match=r"not honest when the unit is 'viewer'.*'two-way by"):
        estimate(draw_counts(), Unit.VIEWER, method=Method.PAIRED_BY_VIDEO)


def test_sticky_assignment_without_sums_says_what_is_needed() -> None:
    with pytest.raises(DesignError, match=r"unit == 'viewer'.*pass a ViewerVideoSums"):
        estimate(draw_counts(), Unit.VIEWER)


def test_two_way_without_sums_says_what_is_needed() -> None:
    with pytest.raises(DesignError, match=r"unit == 'viewer_video'.*pass a ViewerVideoSums"):
        estimate(draw_counts(), Unit.VIEWER_VIDEO, method=Method.TWO_WAY)


def test_paired_between_assigned_videos_is_refused() -> None:
    with pytest.raises(DesignError, match="must be 'Welch between videos'"):
        estimate(draw_counts(), Unit.VIDEO, method=Method.PAIRED_BY_VIDEO)


def test_two_way_leaves_out_the_same_videos_as_paired() -> None:
    sums = draw_sums(1, rows=12_000, videos=120)
    counts = CodedSums.of(sums).counts()
    threshold = int(np.median(counts.views))
    two_way = estimate(sums, Unit.VIEWER_VIDEO, min_views=threshold)
    paired = estimate(counts, Unit.VIEWER_VIDEO, min_views=threshold)
    assert (two_way.mean_ctr.method, paired.mean_ctr.method) == (
        Method.TWO_WAY,
        Method.PAIRED_BY_VIDEO,
    )
    assert two_way.inclusion.left_out == paired.inclusion.left_out
    assert 0 < two_way.inclusion.included_videos < counts.video_ids.size
    assert two_way.mean_ctr.means == pytest.approx(paired.mean_ctr.means)
    assert two_way.pooled_ctr.means == pytest.approx(paired.pooled_ctr.means)


def test_a_wanted_test_is_made_of_sums_by_viewer_too() -> None:
    sums = draw_sums(1)
    got = estimate(sums, Unit.VIEWER_VIDEO, method=Method.PAIRED_BY_VIDEO)
    want = estimate(CodedSums.of(sums).counts(), Unit.VIEWER_VIDEO)
    assert compare(got.mean_ctr) == compare(want.mean_ctr)


def test_strata_of_equal_shares_are_estimated_by_their_total() -> None:
    counts = draw_counts()
    strata = in_strata(counts, [[1, 1, 1], [2, 2, 2]])
    assert compared(strata) == compared(counts)


def compared(data: Data) -> tuple[Comparison, ...]:
    return compare(estimate(data, Unit.VIEWER_VIDEO).mean_ctr)


seeds = st.integers(0, 10_000)


@given(seed=seeds)
@settings(max_examples=25)
def test_swapping_arms_flips_the_sign(seed: int) -> None:
    counts = draw_counts(seed, lifts=(1.0, 1.2))
    swapped = VideoCounts(
        counts.video_ids, counts.arms[::-1], counts.views[:, ::-1], counts.clicks[:, ::-1]
    )
    one = compared(counts)[0]
    other = compared(swapped)[0]
    assert other.difference.value == pytest.approx(-one.difference.value)
    assert other.difference.low == pytest.approx(-one.difference.high)
    assert other.p_value == pytest.approx(one.p_value)
    assert 1 + other.improvement.low == pytest.approx(1 / (1 + one.improvement.high))
    assert 1 + other.improvement.high == pytest.approx(1 / (1 + one.improvement.low))


@given(seed=seeds)
@settings(max_examples=25)
def test_relabelling_videos_and_viewers_changes_nothing(seed: int) -> None:
    sums = draw_sums(seed, rows=600, viewers=40, videos=8)
    rng = np.random.default_rng(seed)
    relabelled = replace(
        sums,
        viewer_ids=rng.permutation(1000)[sums.viewer_ids],
        video_ids=rng.permutation(2000)[sums.video_ids],
    )
    results = [compared(c) for c in (sums, relabelled)]
    for one, other in zip(*results, strict=True):
        assert other.p_value == pytest.approx(one.p_value, rel=1e-8)
        assert other.improvement.high == pytest.approx(one.improvement.high, rel=1e-8)


@given(seed=seeds)
@settings(max_examples=25)
def test_more_traffic_at_the_same_rates_leaves_the_estimate(seed: int) -> None:
    counts = draw_counts(seed, views=50)
    more = VideoCounts(counts.video_ids, counts.arms, counts.views * 9, counts.clicks * 9)
    for one, other in zip(
        compared(counts),
        compared(more),
        strict=True,
    ):
        assert other.improvement.value == pytest.approx(one.improvement.value)


def test_more_traffic_shrinks_the_error() -> None:
    for views in (50, 200, 800):
        few, many = (compared(draw_counts(3, views=n, spread=0.05))[0] for n in (views, 4 * views))
        assert many.standard_error < few.standard_error


def test_zero_views_in_an_arm_leave_every_figure_nan_with_a_reason() -> None:
    counts = counts_of([[10, 0], [20, 0]], [[1, 0], [2, 0]])
    estimated = estimate(counts, Unit.VIEWER_VIDEO)
    (found,) = compare(estimated.mean_ctr)
    assert estimated.inclusion.left_out[0].reason == "fewer than 1 views in arm 'seq2seq'"
    assert found.reason == "no video counts"
    assert np.isnan(found.difference.value)
    assert np.isnan(summarise(estimated)[0].mean_ctr.value)
