"""Confidence sequences of a running experiment: bands that may be read at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from experiments.analysis import kept_counts
from experiments.analysis.layout import Layout
from experiments.analysis.report.record import Report
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.over_time import cumulative_effect
from experiments.analysis.stats.results import Comparison
from experiments.analysis.stopping import always_valid_by_day
from experiments.analysis.viewer_course import Look
from experiments.models import Experiment
from experiments.unit import Unit

NOTHING_YET = "nothing is counted yet"
NOT_COMPUTED = "by viewer they are computed aside, and stand here a few minutes after the views"


@dataclass(frozen=True, slots=True)
class ConfidenceSequences:
    """Each arm against the control, with a band that holds at all days together.

    Attributes:
        days: when was looked, after each day (UTC) with counts, in order of time.
        looks: the comparisons at each, (D,) of them; none where `reason` says why.
    """

    days: tuple[date, ...]
    looks: tuple[tuple[Comparison, ...], ...]
    reason: str = ""


def course(experiment: Experiment, report: Report) -> ConfidenceSequences:
    """Return the bands by day with the error of a report, or why there are none.

    Args:
        experiment: one that has started.
        report: its own, of all units.
    """
    if report.method.needs_viewers:
        return sequences_by_viewer(experiment, report.course)
    inflation = report.two_way.inflation if report.two_way else 1.0
    return confidence_sequences(experiment, report.layout, inflation)


def confidence_sequences(
    experiment: Experiment, layout: Layout, inflation: float = 1.0
) -> ConfidenceSequences:
    """Return the sequences of an experiment by its videos, from the counts rolled up so far.

    Args:
        experiment: one that has started, in which not viewers are assigned.
        layout: its own.
        inflation: how many times its variance is what the videos alone say, see stats.two_way.
    """
    slices = dict(kept_counts.daily_video_counts(layout))
    if not slices:
        return ConfidenceSequences((), (), NOTHING_YET)
    days = tuple(slices)
    found = cumulative_effect(
        list(slices.values()),
        Unit(experiment.unit),
        always_valid_by_day(experiment, days),
        min_views=experiment.min_views,
        level=experiment.level,
        inflation=inflation,
    )
    return ConfidenceSequences(days, found)


def sequences_by_viewer(experiment: Experiment, course: Sequence[Look]) -> ConfidenceSequences:
    """Return the sequences of an experiment with the error by viewer, as they were computed aside.

    Args:
        experiment: one that has started.
        course: its means after each day.
    """
    if not course:
        return ConfidenceSequences((), (), NOT_COMPUTED)
    days = tuple(look.day for look in course)
    horizons = always_valid_by_day(experiment, days)
    found = (
        compare(look.means, level=experiment.level, horizon=horizon)
        for look, horizon in zip(course, horizons, strict=True)
    )
    return ConfidenceSequences(days, tuple(found))
