from dataclasses import replace

import numpy as np

from experiments.analysis.stats.audit_cuts import CUTS, Cuts
from experiments.analysis.stats.scenarios import Scenario
from experiments.unit import Unit


def test_an_effect_is_missed_by_intervals_that_should_hold_nothing() -> None:
    """An arm that lifts every slice alike: slices do not differ, and no interval holds 0."""
    lifted = Scenario(Unit.VIEWER_VIDEO, rates=(0.04, 0.12), videos=60, viewers=500, views=400.0)
    case = Cuts(lifted)
    found = dict(zip(case.figures, case(np.random.default_rng(1)), strict=True))
    assert found["intervals of all devices"] == found["steady lift missed"] == 1.0
    assert found["any of them, adjusted"] == 0.0


def test_every_case_can_be_told() -> None:
    for case in CUTS.values():
        small = Cuts(replace(case.scenario, videos=60, viewers=500, views=400.0))
        assert not np.isnan(small(np.random.default_rng(2))).any()
