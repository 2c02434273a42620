"""How long a study needs to be."""

import numpy as np
import pytest
from scipy import stats

from experiments.studies.pilot_note.designs import Size, standard_error
from experiments.studies.pilot_note.duration import POWER, duration, power_by_views
from experiments.studies.simulation.click_model import ClickModel
from experiments.unit import Unit

MODEL = ClickModel(position_slope=0.0)


def test_the_views_needed_have_the_power_by_the_designs_error() -> None:
    found = duration(MODEL, 1, videos=200, views=3584.0, days=30)
    error = standard_error(MODEL, 1, Size(200, found.views_needed, 10**12), Unit.VIEWER_VIDEO)
    difference = MODEL.rates[1] - MODEL.rates[0]
    power = stats.norm.sf(stats.norm.isf(0.025) - difference / error)
    assert power == pytest.approx(POWER, abs=0.01)
    assert found.days_needed == pytest.approx(found.views_needed / 3584 * 30)
    assert power_by_views(MODEL, 1, 200, [found.views_needed]) == pytest.approx((POWER,), abs=1e-6)


def test_one_video_needs_many_times_the_views_of_the_mean() -> None:
    found = duration(MODEL, 2, videos=9814, views=3584.0, days=30)
    assert found.views_needed == 1.0
    assert 2000 < found.one_video_views < 4000
    assert found.one_video_power == pytest.approx(0.94, abs=0.01)


def test_looking_costs_and_looking_at_any_moment_costs_more() -> None:
    found = duration(MODEL, 2, videos=9814, views=3584.0, days=30)
    assert 1 < found.looks_cost < 1.2 < found.band_cost < 4


def test_power_rises_with_views() -> None:
    powers = power_by_views(MODEL, 1, 50, np.geomspace(1, 1e5, 30).tolist())
    assert np.all(np.diff(powers) >= 0)
