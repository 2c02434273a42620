"""Earlier click rates of an experiment's videos, and the comparison with them taken out."""

from datetime import timedelta

import numpy as np

from experiments.analysis import kept_counts
from experiments.analysis.report.reading import Reading
from experiments.analysis.report.variance_reduction import ReducedArm, VarianceReduction
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.cuped import adjust_between
from experiments.analysis.stats.engine import as_strata, compared
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import FloatArray, IntArray, ratio_or_nan
from experiments.analysis.stats.results import Estimated
from experiments.analysis.stats.standardise import joined
from experiments.models import Experiment
from experiments.unit import Unit

BEFORE = timedelta(days=365)
LEAST_CLICKS = 20  # before the start, for a click rate that explains something


def variance_reduction(
    reading: Reading, estimated: Estimated, least: int, experiment: Experiment
) -> VarianceReduction | None:
    """Return it; None where videos are not assigned, shares changed, or no video was seen before.

    Args:
        reading: of the experiment.
        estimated: of the primary metric.
        least: views that a video must have.
        experiment: whose start, level and horizon count.
    """
    counts, _ = joined(as_strata(reading.counts))
    start = experiment.started_at
    if reading.unit is not Unit.VIDEO or len(counts.shares) > 1 or start is None:
        return None
    views, clicks = kept_counts.counted_before(
        counts.video_ids, start.date(), start.date() - BEFORE
    )
    known = clicks >= LEAST_CLICKS
    if not known.any():
        return None
    _, columns = compared(counts, reading.unit, least)
    ratios = ratio_or_nan(columns.clicks[0], columns.views[0])
    return _reduced(estimated, ratios, _rates(views, clicks, known), reading, experiment)


def _rates(views: IntArray, clicks: IntArray, known: np.ndarray) -> FloatArray:
    return np.where(known, ratio_or_nan(clicks, views), np.nan)


def _reduced(
    estimated: Estimated,
    ratios: FloatArray,
    rates: FloatArray,
    reading: Reading,
    experiment: Experiment,
) -> VarianceReduction:
    videos = int((~np.isnan(rates)).sum())
    try:
        adjusted = adjust_between(estimated.mean_ctr, ratios, rates)
    except InputError as error:
        return VarianceReduction(videos, (), str(error))
    lines = compare(adjusted.means, level=experiment.level, horizon=reading.stopping.horizon)
    arms = tuple(
        ReducedArm(
            line.arm,
            line.simultaneous_improvement,
            line.p_value_adjusted,
            adjusted.variance_removed[line.arm],
        )
        for line in lines
    )
    return VarianceReduction(videos, arms)
