"""The course by viewer is what the analysis would have said after each day."""

from datetime import date, timedelta

import numpy as np
import pytest

from experiments.analysis import queries, viewer_course
from experiments.analysis.layout import Layout
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import as_strata, estimate
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.results import Comparison
from experiments.analysis.viewer_course import CourseTally, Look, course_of
from experiments.analysis.viewer_parts import viewer_parts
from experiments.metrics import PRIMARY
from experiments.models import Experiment
from experiments.serving import allocation_phases
from experiments.unit import Unit
from tests.experiments.analysis.stored_views import store_views
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def course(experiment: Experiment, parts: int = 1) -> tuple[Look, ...]:
    layout, unit = Layout.of(experiment), Unit(experiment.unit)
    with viewer_parts(layout, parts) as found:
        tally = CourseTally(layout, found.daily_counts(), unit, experiment.min_views)
        for part in range(parts):
            tally.add(found.read(part).of_layout(layout))
    return course_of(tally.kept())


def up_to(experiment: Experiment, day: date) -> tuple[Comparison, ...]:
    """Return what the analysis of everything up to the end of a day says."""
    before = day + timedelta(days=1)
    layout = Layout.of(experiment)
    sums = queries.viewer_measures(layout, PRIMARY.measures, before=before).of(PRIMARY)
    least = least_views(as_strata(sums), experiment.min_views)
    return compare(estimate(sums, Unit(experiment.unit), min_views=least).mean_ctr)


def numbers(line: Comparison) -> list[float]:
    found = line.simultaneous_improvement
    shown = (line.difference.value, line.standard_error, line.df, line.p_value_adjusted)
    return [*shown, found.low, found.high]


@pytest.mark.parametrize(
    ("unit", "videos", "parts"),
    [(Unit.VIEWER, 12, 1), (Unit.VIEWER, 12, 5), (Unit.VIEWER, 2, 2), (Unit.VIEWER_VIDEO, 1, 3)],
)
def test_each_day_says_what_an_analysis_at_its_end_would(
    unit: Unit, videos: int, parts: int
) -> None:
    experiment = make_experiment(videos=videos, unit=unit)
    allocation_phases.change(experiment, weights={0: 1, 1: 3, 2: 1})
    store_views(experiment, np.random.default_rng(videos), views=900)
    looks = course(experiment, parts)
    assert [(look.day - looks[0].day).days for look in looks] == [0, 1, 2]
    for look in looks:
        lines, expected = compare(look.means), up_to(experiment, look.day)
        assert [line.arm for line in lines] == [line.arm for line in expected]
        assert [line.error_term for line in lines] == [line.error_term for line in expected]
        for line, other in zip(lines, expected, strict=True):
            assert numbers(line) == pytest.approx(numbers(other), rel=1e-9, nan_ok=True)
    assert all(line.p_value_adjusted < 1 for line in compare(looks[-1].means))


def test_a_long_course_is_thinned_and_keeps_its_last_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(viewer_course, "LOOKS_AT_MOST", 2)
    experiment = make_experiment(videos=2, unit=Unit.VIEWER)
    store_views(experiment, np.random.default_rng(1))
    with viewer_parts(Layout.of(experiment)) as parts:
        days = [day for day, _ in parts.daily_counts()]
    assert [look.day for look in course(experiment)] == [days[0], days[2]]


def test_without_a_view_there_is_no_course() -> None:
    assert course(make_experiment(unit=Unit.VIEWER)) == ()
