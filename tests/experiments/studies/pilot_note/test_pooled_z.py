"""The naive pooled z-test under true nulls."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2_contingency

from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.results import Method
from experiments.analysis.stats.scenarios import Scenario
from experiments.studies.pilot_note.pooled_z import pooled_z_p_value, realised_rate, realised_rates
from experiments.unit import Unit


def test_the_p_value_is_that_of_the_pooled_table() -> None:
    views, clicks = np.array([[900, 950], [400, 380]]), np.array([[40, 61], [12, 17]])
    counts = VideoCounts(np.array([1, 2]), ("a", "b"), views, clicks)
    table = [[52, 1300 - 52], [78, 1330 - 78]]
    assert pooled_z_p_value(counts) == pytest.approx(chi2_contingency(table, correction=False)[1])


SMALL = Scenario(Unit.VIEWER, videos=100, viewers=200, views=60.0)


def test_viewers_who_keep_their_arm_break_it_and_not_the_designs_own_test() -> None:
    found = realised_rate(SMALL, 150, [5])
    assert found.pooled_z.low > 0.05
    assert found.honest.low < 0.05
    assert found.method is Method.TWO_WAY


def test_videos_that_keep_their_arm_break_it_too() -> None:
    found = realised_rate(replace(SMALL, unit=Unit.VIDEO, effect_spread=0.25), 150, [6])
    assert found.pooled_z.low > 0.05
    assert found.honest.low < 0.05
    assert found.method is Method.WELCH


def test_varied_effects_break_it_where_views_are_many() -> None:
    many = replace(
        SMALL, unit=Unit.VIEWER_VIDEO, views=7000.0, viewer_spread=0.0, effect_spread=0.25
    )
    found = realised_rate(many, 200, [7])
    assert found.pooled_z.low > 0.2
    assert found.honest.low < 0.05 < found.honest.high
    assert found.method is Method.PAIRED_BY_VIDEO


def test_every_unit_is_tried_without_and_with_varied_effects_and_a_seed_repeats() -> None:
    found = realised_rates(900.0, 2, seed=1)
    assert [(cell.unit, cell.views, cell.effect_sd) for cell in found] == [
        (Unit.VIEWER, 60.0, 0.0),
        (Unit.VIEWER, 60.0, 0.25),
        (Unit.VIEWER_VIDEO, 60.0, 0.0),
        (Unit.VIEWER_VIDEO, 60.0, 0.25),
        (Unit.VIDEO, 60.0, 0.0),
        (Unit.VIDEO, 60.0, 0.25),
        (Unit.VIEWER_VIDEO, 900.0, 0.0),
        (Unit.VIEWER_VIDEO, 900.0, 0.25),
    ]
    assert found == realised_rates(900.0, 2, seed=1)
