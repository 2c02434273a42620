import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.inclusion import include_videos, least_views
from experiments.analysis.stats.records import StratifiedCounts
from experiments.analysis.stats.results import LeftOut
from experiments.unit import Unit

from .cast import counts_of

IDS = np.array([11, 12, 13, 14])
ARMS = ("raw", "gif")


def test_every_video_left_out_has_exactly_one_reason() -> None:
    views = np.array([[100, 100], [99, 100], [99, 0], [100, 5]])
    inclusion = include_videos(IDS, ARMS, views, Unit.VIEWER_VIDEO, 100)
    assert inclusion.included.tolist() == [True, False, False, False]
    assert (inclusion.included_videos, inclusion.left_out_videos) == (1, 3)
    assert set(inclusion.left_out) == {
        LeftOut("fewer than 100 views in arm 'raw'", (12,)),
        LeftOut("fewer than 100 views in arms 'raw', 'gif'", (13,)),
        LeftOut("fewer than 100 views in arm 'gif'", (14,)),
    }


def test_an_assigned_video_counts_in_its_own_arm() -> None:
    views = np.array([[100, 0], [0, 100], [3, 0], [100, 100]])
    inclusion = include_videos(IDS, ARMS, views, Unit.VIDEO, 100)
    assert inclusion.included.tolist() == [True, True, False, False]
    assert inclusion.left_out == (
        LeftOut("views in more than one arm, though each video is assigned to one", (14,)),
        LeftOut("fewer than 100 views in its arm", (13,)),
    )


def with_rates(*rates: float, views: int = 1000) -> StratifiedCounts:
    """Counts of two videos in two arms that click at these rates."""
    clicks = np.rint(views * np.array(rates)).astype(int).reshape(2, 2)
    return StratifiedCounts.constant(counts_of(np.full((2, 2), views), clicks))


def test_a_video_counts_where_a_click_can_be_expected_in_every_arm() -> None:
    assert least_views(with_rates(0.04, 0.04, 0.04, 0.04), 1) == 25
    assert least_views(with_rates(0.04, 0.04, 0.04, 0.04), 30) == 30  # the operator wants more
    assert least_views(with_rates(0.03, 0.03, 0.03, 0.03), 1) == 34  # 33 expect 0.99
    assert least_views(with_rates(0, 0, 0, 0), 7) == 7  # no rate is known


def test_which_arm_or_video_is_better_does_not_decide_what_counts() -> None:
    same = [(0.02, 0.06, 0.02, 0.06), (0.06, 0.02, 0.06, 0.02), (0.01, 0.01, 0.07, 0.07)]
    assert {least_views(with_rates(*rates), 1) for rates in same} == {25}


def test_hardly_seen_videos_do_not_turn_the_headline() -> None:
    """Six videos of 1,500 views an arm, between +12 and +19 %; six of 2 views an arm."""
    seen = np.array([[60, 67], [66, 74], [72, 82], [78, 90], [84, 98], [90, 107]])
    hardly = np.array([[0, 1], [1, 0], [0, 1], [0, 1], [0, 0], [0, 0]])
    views = np.repeat([1500, 2], 6)[:, None] * np.ones((1, 2), int)
    counts = counts_of(views, np.vstack([seen, hardly]))
    least = least_views(StratifiedCounts.constant(counts), 1)
    found = estimate(counts, Unit.VIEWER_VIDEO, min_views=least)
    (shown,) = compare(found.mean_ctr)
    oracle = stats.ttest_rel(seen[:, 1], seen[:, 0])
    assert found.inclusion.included_videos == 6
    assert shown.improvement.value == pytest.approx(seen[:, 1].sum() / seen[:, 0].sum() - 1)
    assert shown.improvement.value == pytest.approx(0.151, abs=0.0005)
    assert shown.p_value == pytest.approx(oracle.pvalue)
    (raw,) = compare(estimate(counts, Unit.VIEWER_VIDEO).mean_ctr)
    assert raw.improvement.value > 1.3  # what all twelve would say


def test_no_views_have_no_ctr() -> None:
    with pytest.raises(InputError, match="min_views == 0, must be at least 1"):
        include_videos(IDS, ARMS, np.ones((4, 2), int), Unit.VIEWER_VIDEO, 0)
