from dataclasses import replace

import pytest
from statsmodels.stats.multitest import multipletests

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.guardrails import NonInferiority
from experiments.analysis.stats.metrics import Standing, scorecard
from experiments.analysis.stats.results import Comparison, Estimate
from experiments.unit import Unit

from .cast import draw_counts


def primary(lift: float) -> Comparison:
    counts = draw_counts(1, lifts=(1.0, lift), views=2000)
    return compare(estimate(counts, Unit.VIEWER_VIDEO).mean_ctr)[0]


def guardrail(p_value: float, holds: bool) -> NonInferiority:
    change = Estimate(0.0, -0.01, 0.01, 0.95)
    return NonInferiority("seq2seq", "raw", 0.05, True, change, p_value, holds, worse=False)


@pytest.mark.parametrize(
    ("lift", "holds", "standing"),
    [
        (1.5, True, Standing.BETTER),
        (1.5, False, Standing.GUARDED),
        (0.5, True, Standing.WORSE),
        (1.0, True, Standing.OPEN),
    ],
)
def test_the_primary_decides_and_guardrails_veto(
    lift: float, holds: bool, standing: Standing
) -> None:
    card = scorecard(primary(lift), {"watches": guardrail(0.01, holds)}, {})
    assert card.standing is standing
    assert card.broken == (() if holds else ("watches",))


def test_an_arm_shown_to_be_within_the_margin_is_no_different() -> None:
    within = Estimate(0.0, -0.01, 0.015, 0.95)
    kept = replace(primary(1.0), simultaneous_improvement=within)
    assert scorecard(kept, {}, {}, margin=0.02).standing is Standing.EQUAL
    assert scorecard(kept, {}, {}, margin=0.01).standing is Standing.OPEN


def test_p_values_are_found_by_the_metrics_name() -> None:
    card = scorecard(primary(1.5), {"watches": guardrail(0.01, True)}, {"depth": primary(1.2)})
    assert set(card.p_values) == {"watches", "depth"}
    assert card.p_values["watches"].p_value == 0.01


def test_each_role_is_a_family_of_its_own() -> None:
    main = primary(1.5)
    p_values = {"depth": 0.01, "shares": 0.03, "likes": 0.04}
    others = {name: replace(main, p_value=p) for name, p in p_values.items()}
    guards = {"bytes": guardrail(0.02, True), "failures": guardrail(0.04, True)}
    card = scorecard(main, guards, others)
    for family, given in (
        (card.secondary, list(p_values.values())),
        (card.guardrails, [0.02, 0.04]),
    ):
        expected = multipletests(given, method="holm")[1]
        assert [row.p_value_adjusted for row in family] == pytest.approx(expected.tolist())
    assert card.primary.p_value_adjusted == main.p_value_adjusted


def test_metrics_of_different_arms_are_not_one_card() -> None:
    main = primary(1.5)
    with pytest.raises(InputError, match="must compare 'seq2seq' with 'raw'"):
        scorecard(main, {}, {"depth": replace(main, arm="gevaden")})
