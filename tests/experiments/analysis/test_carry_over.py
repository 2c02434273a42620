"""Carry-over of an experiment's own events, counted again by hand from what viewers saw."""

import numpy as np
import pytest

from experiments.analysis.carry_over import CarryOverTally, carry_over_of
from experiments.analysis.layout import Layout
from experiments.analysis.stats.carry_over import CarryOver
from experiments.analysis.viewer_parts import viewer_parts
from experiments.models import Experiment
from experiments.serving import allocation_phases, feed
from experiments.unit import Unit
from tests.experiments.analysis.visits import Seen, come_back
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def found(experiment: Experiment, parts: int = 1) -> tuple[CarryOver, ...]:
    layout = Layout.of(experiment)
    tally = CarryOverTally(layout, Unit(experiment.unit))
    with viewer_parts(layout, parts) as everything:
        for part in range(parts):
            tally.add(everything.read(part).of_layout(layout))
    return carry_over_of(tally.kept())


def counted(before: list[Seen], after: list[Seen], unit: Unit) -> dict[int, np.ndarray]:
    """Return views and clicks by arm, of units that saw it before and of those that did not."""

    def of(view: Seen) -> tuple[str, ...]:
        return (view.viewer,) if unit is Unit.VIEWER else (view.viewer, view.video)

    last = {of(view): view.arm for view in before}
    tables: dict[int, np.ndarray] = {}
    for view in after:
        if of(view) in last:
            table = tables.setdefault(view.arm, np.zeros((2, 2), int))
            table[:, int(last[of(view)] != view.arm)] += [1, view.clicked]
    return {arm: table for arm, table in tables.items() if table[0].all()}


@pytest.mark.parametrize("unit", [Unit.VIEWER, Unit.VIEWER_VIDEO])
@pytest.mark.parametrize("parts", [1, 3])
def test_it_is_counted_as_by_hand(unit: Unit, parts: int) -> None:
    experiment = make_experiment(videos=3, unit=unit.value)
    before = come_back("pilot", 60)
    allocation_phases.change(experiment, weights={0: 1, 1: 6, 2: 1})
    feed.refresh()
    after = come_back("pilot", 80, seed=5)
    expected = counted(before, after, unit)
    lines = found(experiment, parts)
    assert [line.arm for line in lines] == sorted(expected) == [1]
    for line in lines:
        assert np.array([line.views, line.clicks]).tolist() == expected[line.arm].tolist()
        assert line.means.means == pytest.approx(expected[1][1] / expected[1][0], rel=0.1)


def test_where_shares_never_changed_or_videos_are_assigned_there_is_none() -> None:
    same = make_experiment(videos=3)
    come_back("pilot", 10)
    allocation_phases.change(same, ramp=0.9)
    feed.refresh()
    come_back("pilot", 10)
    assert found(same) == ()
    by_video = make_experiment("other", videos=3, unit=Unit.VIDEO.value)
    come_back("other", 10)
    allocation_phases.change(by_video, weights={0: 1, 1: 6, 2: 1})
    feed.refresh()
    come_back("other", 10)
    assert found(by_video) == ()
