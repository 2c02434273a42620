import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.power import (
    PairedPower,
    days_left,
    one_video_power,
    one_video_views_needed,
    spread_of_effects,
)
from experiments.analysis.stats.spending import Spending, bounds, spent

from .cast import counts_of, draw_counts

PLAN = PairedPower(baseline_ctr=0.05, videos=100, views_per_arm=500, effect_spread=0.01)


@pytest.mark.parametrize(("lifted", "power"), [(0.0636, 0.48), (0.0729, 0.94)])
def test_one_video_of_the_pilot(lifted: float, power: float) -> None:
    # shared design figures: 3,600 views an arm, 5.30 % against 6.36 and 7.29 %
    assert one_video_power(0.053, lifted / 0.053 - 1, 3600) == pytest.approx(power, abs=0.005)


def test_views_needed_give_the_power_asked_for() -> None:
    views = one_video_views_needed(0.053, 0.2, 0.8)
    assert one_video_power(0.053, 0.2, views) == pytest.approx(0.8, abs=0.01)


def test_power_is_what_drawn_experiments_show() -> None:
    rng = np.random.default_rng(2)
    lift, found = 0.08, 0
    for _ in range(800):
        effect = 0.05 * lift + rng.normal(0, PLAN.effect_spread, 100)
        clicks = rng.binomial(500, np.column_stack([np.full(100, 0.05), 0.05 + effect]))
        found += stats.ttest_rel(clicks[:, 1], clicks[:, 0]).pvalue < 0.05
    assert PLAN.power(lift) == pytest.approx(found / 800, abs=0.05)


def test_power_is_defined_at_the_pilots_size() -> None:
    """scipy's noncentral t is nan in places there, such as at a lift of 5 %."""
    pilot = PairedPower(
        0.053, videos=9814, views_per_arm=3600, effect_spread=0.01, base_spread=0.03
    )
    powers = [pilot.power(lift) for lift in np.geomspace(1e-4, 17, 200)]
    assert np.all(np.diff(powers) >= -1e-12)
    assert powers[-1] == pytest.approx(1)
    assert 0.002 < pilot.minimum_detectable_lift() < 0.02
    # Near the edge of where it is defined the approximation agrees with it.
    lift = pilot.minimum_detectable_lift(0.99)
    size = pilot.baseline_ctr * lift / pilot.difference_spread(lift)
    assert pilot._power_when_large(size) == pytest.approx(0.99, abs=1e-4)


def test_the_minimum_detectable_lift_has_the_power_asked_for() -> None:
    assert PLAN.power(PLAN.minimum_detectable_lift(0.9)) == pytest.approx(0.9, abs=1e-6)
    tiny = PairedPower(0.5, videos=2, views_per_arm=1, effect_spread=0.5)
    assert np.isnan(tiny.minimum_detectable_lift())


def test_videos_needed_reach_the_power_and_one_fewer_does_not() -> None:
    needed = PLAN.videos_needed(0.1)
    enough, short = (
        PairedPower(0.05, videos=n, views_per_arm=500, effect_spread=0.01).power(0.1)
        for n in (needed, needed - 1)
    )
    assert short < 0.8 <= enough


def test_spread_of_base_rates_makes_clicks_less_noisy() -> None:
    spread = PairedPower(0.05, 100, 500, 0.01, base_spread=0.03)
    assert spread.standard_error() < PLAN.standard_error()


def test_one_look_is_the_fixed_plan() -> None:
    once = PLAN.with_looks(Spending.POCOCK_LIKE, 1)
    assert once.power(0.08) == pytest.approx(PLAN.power(0.08), abs=0.02)  # normal against t
    assert once.inflation() == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("spending", [Spending.POCOCK_LIKE, Spending.OBRIEN_FLEMING_TWO_SIDED])
def test_inflated_information_gives_back_the_power(spending: Spending) -> None:
    looks = PLAN.with_looks(spending, 5)
    drift = (stats.norm.isf(0.025) + stats.norm.ppf(0.9)) * np.sqrt(looks.inflation(0.9))
    rng = np.random.default_rng(4)
    times = np.arange(1, 6) / 5
    walks = (rng.standard_normal((200_000, 5)) * np.sqrt(0.2)).cumsum(axis=1) + drift * times
    criticals = bounds(times.tolist(), [spent(spending, t, 0.05) for t in times])
    crossed = np.mean((np.abs(walks / np.sqrt(times)) > criticals).any(axis=1))
    assert crossed == pytest.approx(0.9, abs=0.003)


def test_spread_of_effects_is_found_under_the_clicks_noise() -> None:
    rng = np.random.default_rng(3)
    effect = rng.normal(0.01, 0.015, 4000)
    views = np.full((4000, 2), 800)
    clicks = rng.binomial(views, np.column_stack([np.full(4000, 0.08), 0.08 + effect]))
    assert spread_of_effects(counts_of(views, clicks), 1) == pytest.approx(0.015, rel=0.05)


def test_no_spread_is_zero() -> None:
    assert spread_of_effects(draw_counts(4, videos=20, spread=0, lifts=(1.0, 1.0)), 1) < 0.02
    same = counts_of(np.full((9, 2), 50), np.full((9, 2), 5))
    assert spread_of_effects(same, 1) == 0


def test_days_left_follow_the_traffic_and_stop_at_the_spread() -> None:
    assert days_left(0.02, 7, 0.01).days == pytest.approx(21)
    assert days_left(0.02, 7, 0.03).days == 0
    floor = days_left(0.02, 7, 0.012, floor=0.01)
    variance = 0.01**2 + (0.02**2 - 0.01**2) * 7 / (7 + floor.days)
    assert np.sqrt(variance) == pytest.approx(0.012)
    never = days_left(0.02, 7, 0.01, floor=0.011)
    assert never.days == np.inf
    assert "more videos" in never.reason


@pytest.mark.parametrize(
    ("numbers", "message"),
    [
        ((0.0, 7, 0.01), "standard_error == 0.0"),
        ((0.02, 0, 0.01), "days_so_far == 0"),
        ((0.02, 7, -1), "target == -1"),
    ],
)
def test_days_left_refuses_what_cannot_be(
    numbers: tuple[float, float, float], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        days_left(*numbers)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"baseline_ctr": 5.3}, "baseline_ctr == 5.3, must be between 0.0 and 1.0"),
        ({"videos": 1}, "videos == 1"),
        ({"views_per_arm": 0}, "views_per_arm == 0"),
        ({"effect_spread": -0.1}, "must not be negative"),
        ({"base_spread": -0.1}, "must not be negative"),
    ],
)
def test_refuses_plans_that_cannot_be(wrong: dict[str, float], message: str) -> None:
    good = {"baseline_ctr": 0.05, "videos": 100, "views_per_arm": 500, "effect_spread": 0.01}
    with pytest.raises(InputError, match=message):
        PairedPower(**{**good, **wrong})  # type: ignore[arg-type]
