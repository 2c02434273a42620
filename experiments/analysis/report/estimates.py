"""Estimates of a metric, with the error that viewers add where that is known and larger."""

from dataclasses import replace

from experiments.analysis.report.reading import Reading
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.records import StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.results import Estimated, Method


def estimate_metric(
    reading: Reading, counts: StratifiedCounts | ViewerVideoSums, min_views: int
) -> Estimated:
    """Return the estimates by the design of the experiment.

    What viewers add to the error is computed for the primary metric, as a mean over videos; every
    other, and every pooled CTR, is taken to gain as much.
    """
    found = estimate(counts, reading.unit, min_views=min_views)
    two_way, means = reading.two_way, found.mean_ctr
    paired = means.method is Method.PAIRED_BY_VIDEO
    if not paired or two_way is None or two_way.df is None or two_way.inflation <= 1:
        return found
    return replace(
        found,
        mean_ctr=means.widened(two_way.inflation, two_way.df),
        pooled_ctr=found.pooled_ctr.widened(two_way.inflation, two_way.df),
    )
