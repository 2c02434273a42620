"""Confidence sequences of a running experiment: bands that may be read at any moment."""

from dataclasses import dataclass
from datetime import date

from experiments.analysis import kept_counts
from experiments.analysis.layout import Layout
from experiments.analysis.stats.over_time import cumulative_effect
from experiments.analysis.stats.results import Comparison
from experiments.analysis.stopping import always_valid_by_day
from experiments.models import Experiment
from experiments.unit import Unit

NOTHING_YET = "nothing is counted yet"
BY_VIEWER = "where viewers are assigned it needs sums by viewer and day, which are not kept"


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


def confidence_sequences(
    experiment: Experiment, layout: Layout, inflation: float = 1.0
) -> ConfidenceSequences:
    """Return the sequences of an experiment from the counts rolled up so far.

    Args:
        experiment: one that has started.
        layout: its own.
        inflation: how many times its variance is what the videos alone say, see stats.two_way.
    """
    by_day = kept_counts.daily_video_counts(layout)
    slices = dict(by_day)
    if not slices:
        return ConfidenceSequences((), (), NOTHING_YET)
    days, unit = tuple(slices), Unit(experiment.unit)
    if unit is Unit.VIEWER:
        return ConfidenceSequences((), (), BY_VIEWER)
    found = cumulative_effect(
        list(slices.values()),
        unit,
        always_valid_by_day(experiment, days),
        min_views=experiment.min_views,
        level=experiment.level,
        inflation=inflation,
    )
    return ConfidenceSequences(days, found)
