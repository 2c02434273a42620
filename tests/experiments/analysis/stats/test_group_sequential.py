import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.group_sequential import SpendingPlan, group_sequential
from experiments.analysis.stats.results import Mode
from experiments.analysis.stats.spending import Spending, bounds, spent

from .cast import growing_means, means_of

PLAN = SpendingPlan(Spending.OBRIEN_FLEMING_TWO_SIDED, planned_standard_error=0.01)


def test_each_look_is_held_against_its_own_bound() -> None:
    looks = [means_of(0.05, se) for se in (0.02, 0.0141, 0.01)]
    result = group_sequential(looks, PLAN, 1, ended=True)
    fractions = [0.25, (0.01 / 0.0141) ** 2, 1.0]
    criticals = bounds(fractions, [spent(PLAN.spending, t, 0.05) for t in fractions])
    assert [look.critical for look in result.looks] == pytest.approx(criticals.tolist())
    assert [look.information_fraction for look in result.looks] == pytest.approx(fractions)
    z = np.array([0.05 / se for se in (0.02, 0.0141, 0.01)])
    assert [look.crossed for look in result.looks] == (z > criticals).tolist()
    assert result.stopped_at == 2
    assert result.stopping_rule_met
    assert result.mode is Mode.GROUP_SEQUENTIAL
    assert "4 - 4Φ" in result.rule


@pytest.mark.parametrize("effect", [0.0, 0.015, 0.0199, 0.021, 0.04])
def test_interval_p_value_and_verdict_agree(effect: float) -> None:
    result = group_sequential([means_of(effect, 0.02), means_of(effect, 0.01)], PLAN, 1)
    last = result.looks[-1]
    excluded = last.difference.low > 0 or last.difference.high < 0
    assert last.crossed == excluded == (last.improvement.low > 0) == (last.p_value < 0.05)


def test_a_plan_of_one_look_is_the_fixed_test() -> None:
    look = group_sequential([means_of(0.02, 0.01)], PLAN, 1).looks[0]
    assert look.p_value == pytest.approx(2 * stats.norm.sf(2), rel=1e-4)
    assert look.critical == pytest.approx(stats.norm.ppf(0.975))


def test_the_planned_end_spends_what_is_left_though_information_fell_short() -> None:
    looks = [means_of(0.02, 0.02), means_of(0.02, 0.012)]
    open_, ended = (group_sequential(looks, PLAN, 1, ended=e).looks[-1] for e in (False, True))
    assert ended.critical < open_.critical
    assert ended.critical == pytest.approx(1.96, abs=0.02)


def test_looks_that_bring_nothing_say_so() -> None:
    looks = [means_of(0.01, se) for se in (0.02, 0.021, 0.009, 0.008)]
    shown = group_sequential(looks, PLAN, 1).looks
    assert [bool(look.reason) for look in shown] == [False, True, False, True]
    assert "no new information" in shown[1].reason
    assert np.isnan(shown[1].difference.low)
    assert not shown[1].crossed
    assert shown[1].difference.value == pytest.approx(0.01)


def test_too_early_to_spend_and_untestable_looks_say_so() -> None:
    looks = [means_of(0.01, np.nan), means_of(0.01, 1.0), means_of(0.01, 0.01)]
    shown = group_sequential(looks, PLAN, 1).looks
    assert shown[0].reason == "not known"
    assert shown[1].reason == "the plan has no alpha to spend yet"
    assert not shown[2].reason


def test_only_untestable_looks_have_no_bounds() -> None:
    result = group_sequential([means_of(0.01, np.nan)], PLAN, 1)
    assert np.isnan(result.looks[0].p_value)
    assert not result.stopping_rule_met


@pytest.mark.parametrize(("effect", "p_value"), [(0.0, 1.0), (0.5, 1e-12)])
def test_p_values_at_the_ends_of_their_range(effect: float, p_value: float) -> None:
    assert group_sequential([means_of(effect, 0.01)], PLAN, 1).looks[0].p_value == p_value


def test_more_comparisons_share_alpha() -> None:
    looks = [means_of(0.02, 0.01)]
    one, two = (group_sequential(looks, PLAN, 1, comparisons=n).looks[0] for n in (1, 2))
    assert two.critical == pytest.approx(stats.norm.ppf(1 - 0.0125))
    assert two.difference.low < one.difference.low


def test_the_power_family_names_its_exponent() -> None:
    plan = SpendingPlan(Spending.POWER, 0.01, exponent=3.0)
    assert group_sequential([means_of(0.0, 0.01)], plan, 1).rule.endswith("exponent 3.0")


@pytest.mark.parametrize("spending", Spending)
def test_a_true_null_is_rejected_as_often_as_promised(spending: Spending) -> None:
    rejected = 0
    for seed in range(60):
        looks = growing_means(seed, looks=5)
        errors = looks[-1].terms[0][1]
        plan = SpendingPlan(
            spending, float(np.sqrt(errors[0, 0] + errors[1, 1] - 2 * errors[0, 1]))
        )
        schedule = group_sequential(looks, plan, 1, ended=True)
        rejected += schedule.stopping_rule_met
    assert stats.binomtest(rejected, 60, 0.05).pvalue > 0.001


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        ({"planned_standard_error": 0.0}, "planned_standard_error == 0.0, must be positive"),
        ({"planned_standard_error": 1.0, "exponent": 0.0}, "exponent == 0.0, must be positive"),
    ],
)
def test_refuses_plans_that_cannot_be(plan: dict[str, float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        SpendingPlan(Spending.POWER, **plan)


def test_needs_a_look_and_a_comparison() -> None:
    with pytest.raises(InputError, match="must hold at least one"):
        group_sequential([], PLAN, 1)
    with pytest.raises(InputError, match="comparisons == 0"):
        group_sequential([means_of(0.0, 0.01)], PLAN, 1, comparisons=0)
