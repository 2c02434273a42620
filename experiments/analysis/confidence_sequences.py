"""Confidence sequences of a running experiment: bands that may be read at any moment."""

from dataclasses import dataclass
from datetime import date

from experiments.analysis import queries
from experiments.analysis.layout import Layout
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.over_time import cumulative_effect
from experiments.analysis.stats.sequential import SequentialResult
from experiments.models import Experiment
from experiments.unit import Unit

NOTHING_YET = "nothing is counted yet"


@dataclass(frozen=True, slots=True)
class ConfidenceSequences:
    """Each arm against the control, with a band that holds at all days together.

    Attributes:
        days: when was looked, after each day (UTC) with counts, in order of time.
        arms: the comparisons, their looks one a day; none where `reason` says why.
    """

    days: tuple[date, ...]
    arms: tuple[SequentialResult, ...]
    reason: str = ""


def confidence_sequences(experiment: Experiment) -> ConfidenceSequences:
    """Return the sequences of an experiment from the counts rolled up so far."""
    by_day = queries.daily_video_counts(Layout.of(experiment))
    slices = {day: counts.total() for day, counts in by_day}
    if not slices:
        return ConfidenceSequences((), (), NOTHING_YET)
    days = tuple(slices)
    unit, min_views = Unit(experiment.unit), experiment.min_views
    try:
        found = cumulative_effect(list(slices.values()), unit, min_views=min_views)
    except DesignError as error:
        return ConfidenceSequences(days, (), str(error))
    return ConfidenceSequences(days, found)
