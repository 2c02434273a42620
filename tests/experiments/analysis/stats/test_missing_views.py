"""Lee's bounds hold what the missing views really did, and are reached in the two extremes."""

from math import isnan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.analysis.stats.missing_views import bounds_of_lift, lift_if_moving


@given(
    st.integers(100, 1000), st.integers(0, 400), st.floats(0.01, 0.4), st.floats(0.01, 0.4),
    st.floats(0, 1),
)  # fmt: skip
def test_the_lift_of_the_views_that_both_would_have_is_within_them(
    both: int, lost: int, control_rate: float, arm_rate: float, clicked: float
) -> None:
    """Of 2,000 served, both arms would show `both`; the control shows `lost` more."""
    of_lost = round(clicked * lost)
    clicks = round(control_rate * both), round(arm_rate * both)
    if not clicks[0]:
        return
    truth = clicks[1] / clicks[0] - 1
    shares = (both + lost) / 2000, both / 2000
    rates = (clicks[0] + of_lost) / (both + lost), clicks[1] / both
    low, high = bounds_of_lift(*rates, *shares)
    assert low - 1e-9 <= truth <= high + 1e-9
    if of_lost == lost:
        assert truth == pytest.approx(high)
    if of_lost == 0:
        assert truth == pytest.approx(low)
    if rates[1] > 0:
        other = bounds_of_lift(rates[1], rates[0], shares[1], shares[0])
        assert other[0] - 1e-9 <= 1 / (1 + truth) - 1 <= other[1] + 1e-9


def test_without_missing_views_there_is_one_lift() -> None:
    assert bounds_of_lift(0.05, 0.06, 0.8, 0.8) == pytest.approx((0.2, 0.2))


def test_more_views_missing_than_clicked_bound_nothing_above() -> None:
    assert bounds_of_lift(0.05, 0.06, 0.8, 0.7)[1] == float("inf")


@given(
    st.integers(1, 900), st.integers(1, 900), st.floats(0.01, 0.4), st.floats(0.01, 0.4)
)  # fmt: skip
def test_a_lift_grows_with_the_share_that_moves(
    moved: int, would_move: int, still_rate: float, moving_rate: float
) -> None:
    """Of 1,000 views, each clicked as a still or as a picture that moves, with no one missing."""

    def lift_with(moving: int) -> float:
        rate = (moving * moving_rate + (1000 - moving) * still_rate) / 1000
        return rate / still_rate - 1

    found = lift_if_moving(lift_with(moved), moved / 1000, would_move / 1000)
    assert found == pytest.approx(lift_with(would_move), abs=1e-9)


def test_pictures_that_never_moved_tell_nothing_of_moving() -> None:
    assert isnan(lift_if_moving(0.1, 0.0, 0.9))
