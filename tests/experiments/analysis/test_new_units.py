"""Units by the day of their first view."""

import numpy as np
import pytest

from experiments.analysis import two_way
from experiments.analysis.report.build import build
from experiments.events.rollup import roll_up
from experiments.models import Experiment, TwoWayError
from experiments.unit import Unit
from tests.experiments.analysis.visits import come_back, firsts
from tests.experiments.world import make_experiment

# The computation takes a snapshot, which a test's own transaction would keep from it.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("unit", [Unit.VIEWER_VIDEO, Unit.VIEWER, Unit.VIDEO])
def test_each_unit_counts_once_in_the_arm_of_its_first_view(unit: Unit) -> None:
    experiment = make_experiment(videos=3, unit=unit.value)
    seen = come_back("pilot", 40)
    roll_up()
    two_way.compute(experiment.pk)
    units = np.zeros(3, int)
    if unit is Unit.VIEWER_VIDEO:
        units += np.bincount([view.arm for view in firsts(seen).values()], minlength=3)
    elif unit is Unit.VIEWER:
        arms = {view.viewer: view.arm for view in reversed(seen)}
        units += np.bincount(list(arms.values()), minlength=3)
    assert TwoWayError.objects.get().cuts is not None
    course = build(Experiment.objects.get()).share_course
    if unit is Unit.VIDEO:
        assert course is None
        return
    assert course is not None
    assert course.units == units.sum()
    assert course.phases[0].seen == tuple(units.tolist())
