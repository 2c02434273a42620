import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.dead_arm import DeadArm, dead_arms
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.records import ViewerVideoSums
from experiments.analysis.stats.results import Method
from experiments.analysis.stats.summary import summarise
from experiments.unit import Unit

from .cast import counts_of


def found(views: list[list[int]], clicks: list[list[int]]) -> tuple[DeadArm, ...]:
    """A row a span of time."""
    return dead_arms(tuple("abc"[: len(views[0])]), np.array(views), np.array(clicks))


def test_an_arm_without_a_click_is_named_with_what_was_expected() -> None:
    (dead,) = found([[1866, 1872]], [[93, 0]])
    assert (dead.arm, dead.first, dead.last, dead.views, dead.clicks) == ("b", 0, 0, 1872, 0)
    assert dead.expected == pytest.approx(1872 * 93 / 1866)
    # The exact chance that all 93 clicks fall on the first arm is smaller still.
    exact = stats.hypergeom.logpmf(0, 1866 + 1872, 93, 1872)
    assert exact < np.log(dead.p_value) < np.log(1e-20)


def test_the_control_may_be_the_dead_one_and_stray_clicks_do_not_hide_it() -> None:
    (dead,) = found([[2000, 2000, 2000]], [[9, 100, 90]])
    assert (dead.arm, dead.clicks) == ("a", 9)
    assert dead.p_value == pytest.approx(stats.poisson.cdf(9, 199 / 3))


@pytest.mark.parametrize(
    ("views", "clicks"),
    [
        ([[500, 500]], [[19, 0]]),  # 19 expected: too few to miss them
        ([[2000, 2000]], [[22, 2]]),  # of 22 one half as good may well have 2
        ([[2000, 2000]], [[100, 11]]),  # much worse, and alive
        ([[2000, 2000]], [[0, 0]]),  # nobody clicks: nothing to compare with
        ([[2000, 0]], [[100, 0]]),  # not shown
    ],
)
def test_arms_that_may_be_alive_are_not_named(
    views: list[list[int]], clicks: list[list[int]]
) -> None:
    assert found(views, clicks) == ()


def test_twenty_clicks_that_are_missing_are_enough() -> None:
    assert len(found([[500, 500]], [[20, 0]])) == 1


def test_nothing_counted_has_no_dead_arm() -> None:
    assert dead_arms(("a", "b"), np.zeros((0, 2), int), np.zeros((0, 2), int)) == ()


def test_clicks_are_expected_at_the_rate_of_each_span() -> None:
    """An arm that is shown while nobody clicks is not dead: all others had their views later."""
    assert found([[100, 9900], [9900, 100]], [[0, 0], [990, 10]]) == ()
    assert 10 <= 0.1 * 990  # added up over spans, the second arm would be


@pytest.mark.parametrize(("first", "last"), [(0, 9), (6, 9), (3, 5)])
def test_it_is_dead_from_the_day_it_dies_to_the_day_it_comes_back(first: int, last: int) -> None:
    clicks = np.full((10, 2), 30)
    clicks[first : last + 1, 1] = 0
    (dead,) = found(np.full((10, 2), 600).tolist(), clicks.tolist())
    assert (dead.arm, dead.first, dead.last) == ("b", first, last)
    days = last - first + 1
    assert (dead.views, dead.clicks, dead.expected) == (600 * days, 0, 30 * days)


# A click in 20 views in the control, none in the other arm.
VIEWS = np.column_stack(
    [np.arange(150, 162), [150, 157, 151, 158, 152, 159, 153, 160, 154, 161, 155, 162]]
)
CLICKS = np.column_stack([[6, 7, 8, 9, 10, 6, 7, 8, 9, 10, 6, 7], np.zeros(12, int)])


def test_no_click_leaves_the_lift_a_width() -> None:
    (line,) = compare(estimate(counts_of(VIEWS, CLICKS), Unit.VIEWER_VIDEO).mean_ctr)
    assert (VIEWS.sum(axis=0).tolist(), CLICKS.sum(axis=0).tolist()) == ([1866, 1872], [93, 0])
    none_of_1872 = stats.binomtest(0, 1872).proportion_ci(0.95, "exact").high
    assert line.improvement.low == -1
    assert line.improvement.high == pytest.approx(none_of_1872 / (93 / 1866) - 1, abs=0.002)
    assert line.improvement.high == pytest.approx(-0.96, abs=0.001)
    assert line.difference.high < 0
    assert 0 < line.p_value < 1e-6


def test_no_click_leaves_the_rate_a_width() -> None:
    dead = summarise(estimate(counts_of(VIEWS, CLICKS), Unit.VIEWER_VIDEO))[1]
    exact = stats.binomtest(0, 1872).proportion_ci(0.95, "exact")
    for shown in (dead.mean_ctr, dead.pooled_ctr):
        assert (shown.value, shown.low, shown.reason) == (0, 0, "")
        assert shown.high == pytest.approx(exact.high, rel=0.003)


def test_the_error_by_viewer_has_a_width_too() -> None:
    counts = counts_of(VIEWS[:3], 3 * CLICKS[:3])
    shares = np.ones((1, 2))
    video, arm = (a.ravel() for a in np.indices(counts.views.shape))
    each = np.repeat(np.arange(6), counts.views.ravel())  # a viewer an impression
    place = np.concatenate([np.arange(n) for n in counts.views.ravel()])
    sums = ViewerVideoSums(
        viewer_ids=np.arange(each.size),
        video_ids=counts.video_ids[video[each]],
        stratum=np.zeros_like(each),
        arm_index=arm[each],
        views=np.ones_like(each),
        clicks=(place < counts.clicks.ravel()[each]).astype(int),
        arms=counts.arms,
        shares=shares,
    )
    (line,) = compare(estimate(sums, Unit.VIEWER_VIDEO).mean_ctr)
    assert line.method is Method.BY_VIEWER
    rate = counts.ctr[:, 0].mean()
    none = stats.binomtest(0, int(counts.views[:, 1].sum())).proportion_ci(0.95, "exact").high
    assert line.improvement.high == pytest.approx(none / rate - 1, abs=0.01)
