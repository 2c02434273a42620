"""The audit's cases of watched seconds: they find what is there, and draw what they say."""

from dataclasses import replace

import numpy as np
import pytest

from experiments.analysis.stats.audit_watching import WATCHING, Watching, watched
from experiments.analysis.stats.scenarios import Scenario, draw
from experiments.unit import Unit

SMALL = Scenario(Unit.VIEWER_VIDEO, videos=60, viewers=500, views=200.0)


@pytest.mark.parametrize("name", WATCHING)
def test_every_case_can_be_told(name: str) -> None:
    case, _ = WATCHING[name]
    small = replace(case, scenario=replace(SMALL, unit=case.scenario.unit))
    assert not np.isnan(small(np.random.default_rng(2))).any()


@pytest.mark.parametrize("from_counts", [True, False])
def test_videos_watched_four_times_as_long_are_found(from_counts: bool) -> None:
    case = Watching(SMALL, 4.0, from_counts=from_counts)
    assert [case(np.random.default_rng(seed)) for seed in range(5)] == [(1.0,)] * 5


def test_times_are_long_tailed_and_only_of_clicks() -> None:
    rng = np.random.default_rng(3)
    clicked = draw(SMALL, rng)
    took_ms = watched(clicked, 1.0, rng).clicks
    assert not took_ms[clicked.clicks == 0].any()
    some = took_ms[clicked.clicks > 0]
    assert np.mean(some) > 2 * np.median(some)
