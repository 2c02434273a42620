"""Estimates of a metric, with the error that viewers add where that is known and larger."""

from dataclasses import replace

from experiments.analysis.report.reading import Reading
from experiments.analysis.stats.engine import estimate, estimate_means
from experiments.analysis.stats.records import StratifiedCounts, ViewerVideoSums
from experiments.analysis.stats.results import ArmMeans, Estimated, EstimatedMeans, Method


def estimate_primary(reading: Reading, min_views: int) -> Estimated:
    """Return the estimates of the primary metric by the design of the experiment.

    What viewers add to the error is computed for the primary metric, as a mean over videos; every
    other, and every pooled CTR, is taken to gain as much.
    """
    found = estimate(reading.counts, reading.unit, min_views=min_views)
    return replace(
        found,
        mean_ctr=_with_viewers(reading, found.mean_ctr),
        pooled_ctr=_with_viewers(reading, found.pooled_ctr),
    )


def estimate_metric(
    reading: Reading, counts: StratifiedCounts | ViewerVideoSums, min_views: int
) -> EstimatedMeans:
    """Return the means of another metric, of its counts; see above."""
    found = estimate_means(counts, reading.unit, min_views=min_views)
    return replace(found, mean_ctr=_with_viewers(reading, found.mean_ctr))


def _with_viewers(reading: Reading, means: ArmMeans) -> ArmMeans:
    two_way, paired = reading.two_way, means.method is Method.PAIRED_BY_VIDEO
    if not paired or two_way is None or two_way.df is None or two_way.inflation <= 1:
        return means
    return means.widened(two_way.inflation, two_way.df)
