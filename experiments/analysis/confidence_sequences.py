"""Confidence sequences of a running experiment: bands that may be read at any moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from experiments.analysis.report.record import Report
from experiments.analysis.stats.over_time import cumulative_effects
from experiments.analysis.stats.results import Comparison
from experiments.analysis.stopping import always_valid_by_day
from experiments.analysis.video_course import looks_by_video
from experiments.analysis.viewer_course import Look
from experiments.models import Experiment

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
    looks, by_viewer = report.course, report.method.needs_viewers
    if not looks and not by_viewer:
        looks = looks_by_video(experiment, report.layout)
    if not looks:
        return ConfidenceSequences((), (), NOT_COMPUTED if by_viewer else NOTHING_YET)
    inflation = report.two_way.inflation if report.two_way and not by_viewer else 1.0
    return confidence_sequences(experiment, looks, inflation)


def confidence_sequences(
    experiment: Experiment, looks: Sequence[Look], inflation: float = 1.0
) -> ConfidenceSequences:
    """Return the sequences of an experiment.

    Args:
        experiment: one that has started.
        looks: its means after each day.
        inflation: how many times their variance is what they say, see stats.two_way.
    """
    days = tuple(look.day for look in looks)
    found = cumulative_effects(
        [look.means for look in looks],
        always_valid_by_day(experiment, days),
        level=experiment.level,
        inflation=inflation,
    )
    return ConfidenceSequences(days, found)
