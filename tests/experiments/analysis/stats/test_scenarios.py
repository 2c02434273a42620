import numpy as np
import pytest

from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.scenarios import Scenario, draw, draw_counts
from experiments.unit import Unit


@pytest.mark.parametrize("unit", [Unit.VIEWER, Unit.VIDEO, Unit.VIEWER_VIDEO])
def test_no_unit_crosses_over_and_shares_are_the_weights(unit: Unit) -> None:
    scenario = Scenario(unit, rates=(0.1, 0.1, 0.1), weights=(0.6, 0.3, 0.1))
    sums = draw(scenario, np.random.default_rng(1))
    assert CodedSums.of(sums).crossed(unit)[1] == 0
    share = np.bincount(sums.arm_index, minlength=3) / sums.arm_index.size
    assert share == pytest.approx(np.array([0.6, 0.3, 0.1]), abs=0.1)


def test_impressions_are_dealt_one_by_one() -> None:
    sums = draw(Scenario(Unit.IMPRESSION), np.random.default_rng(1))
    assert CodedSums.of(sums).crossed(Unit.VIEWER)[1] > 1000


def test_the_true_mctr_is_what_large_draws_show() -> None:
    scenario = Scenario(
        Unit.IMPRESSION, rates=(0.04, 0.08), videos=4000, viewers=20_000, effect_spread=0.25
    )
    sums = draw(scenario, np.random.default_rng(2))
    assert CodedSums.of(sums).counts().total().ctr.mean(axis=0) == pytest.approx(
        scenario.mean_ctr(), rel=0.04
    )


def test_counts_have_the_same_truth() -> None:
    scenario = Scenario(
        Unit.VIEWER_VIDEO,
        rates=(0.04, 0.08),
        videos=20_000,
        viewer_spread=0,
        effect_spread=0.25,
        views=500,
    )
    counts = draw_counts(scenario, np.random.default_rng(3))
    assert counts.ctr.mean(axis=0) == pytest.approx(scenario.mean_ctr(), rel=0.02)
