from collections import defaultdict

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from experiments.analysis.stats.crossover import crossover
from experiments.analysis.stats.errors import DesignError
from experiments.unit import Unit

from .cast import draw_sums


@pytest.mark.parametrize("unit", [Unit.VIEWER, Unit.VIDEO, Unit.VIEWER_VIDEO])
@pytest.mark.parametrize("sticky", [True, False])
def test_counts_as_a_dictionary_would(unit: Unit, sticky: bool) -> None:
    sums = draw_sums(1, rows=300, sticky=sticky)
    arms = defaultdict(set)
    for viewer, video, arm in zip(
        sums.viewer_ids.tolist(), sums.video_ids.tolist(), sums.arm_index.tolist(), strict=True
    ):
        key = {Unit.VIEWER: viewer, Unit.VIDEO: video, Unit.VIEWER_VIDEO: (viewer, video)}[unit]
        arms[key].add(arm)
    crossed = sum(len(seen) > 1 for seen in arms.values())
    got = crossover(sums, unit)
    assert (got.units, got.crossed) == (len(arms), crossed)
    assert got.alarm == (crossed > 0)
    interval = proportion_confint(crossed, len(arms), method="wilson")
    assert (got.share.low, got.share.high) == pytest.approx(interval)
    if sticky and unit is Unit.VIEWER:
        assert not got.alarm


def test_cells_without_views_are_not_seen() -> None:
    sums = draw_sums(1, rows=0)
    got = crossover(sums, Unit.VIEWER_VIDEO)
    assert got.units == 0
    assert np.isnan(got.share.value)
    assert got.share.reason == "nothing was tried"


def test_impressions_cannot_cross() -> None:
    with pytest.raises(DesignError, match="an impression is seen once"):
        crossover(draw_sums(1, rows=10), Unit.IMPRESSION)
