"""Days of the present traffic until a difference that matters could be told."""

from collections.abc import Sequence

import numpy as np

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.power import DaysLeft, days_left, spread_of_effects
from experiments.analysis.stats.results import Comparison, Estimated, Scope
from experiments.models import Experiment
from experiments.unit import Unit


def until_told(
    estimated: Estimated, comparisons: Sequence[Comparison], days: float, experiment: Experiment
) -> DaysLeft | None:
    """Return the days until an interval at a fixed end is no wider than the margin on each side.

    Args:
        estimated: of the primary metric.
        comparisons: of it; the arm that is ahead is looked at.
        days: so far.
        experiment: whose level, margin and unit count.

    Returns:
        None where no arm can be tested yet.
    """
    tested = [one for one in comparisons if one.standard_error > 0]
    if not tested or not days > 0:
        return None
    ahead = max(tested, key=lambda one: one.difference.value)
    at_end = {one.arm: one for one in compare(estimated.mean_ctr, level=experiment.level)}
    interval = at_end[ahead.arm].simultaneous_difference
    critical = (interval.high - interval.low) / 2 / ahead.standard_error
    means = estimated.mean_ctr
    control = float(means.means[means.arms.index(ahead.baseline)])
    target = experiment.margin * control / critical
    if not target > 0:
        return None
    floor = min(spread_floor(estimated, ahead, experiment), ahead.standard_error)
    return days_left(ahead.standard_error, days, target, floor)


def spread_floor(estimated: Estimated, line: Comparison, experiment: Experiment) -> float:
    """Return the part of the error that more views of the same videos leave."""
    counts = estimated.included
    by_video = Unit(experiment.unit) is Unit.VIDEO
    if by_video or line.scope is Scope.THESE or len(counts.video_ids) < 2:
        return 0.0
    spread = spread_of_effects(counts, counts.arm_index(line.arm))
    return spread / float(np.sqrt(len(counts.video_ids)))
