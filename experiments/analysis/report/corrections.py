"""Corrected lifts: of arms that were picked, by a stop or as the best of several."""

from collections.abc import Sequence
from math import ceil

import numpy as np

from experiments.analysis.report.record import Corrected
from experiments.analysis.stats.corrected import after_stopping, best_of
from experiments.analysis.stats.horizon import Boundary, normal_score
from experiments.analysis.stats.results import ArmMeans, Comparison
from experiments.analysis.stats.simultaneous import contrast_correlation
from experiments.analysis.stopping import Stopping

MOST_LOOKS = 28  # one a day; more in the same time hardly change the boundary


def corrected(
    means: ArmMeans, comparisons: Sequence[Comparison], stopping: Stopping, level: float
) -> dict[str, Corrected]:
    """Return by arm what its improvement is likely to be, where picking it has made it too large.

    Args:
        means: of the primary metric.
        comparisons: of these means.
        stopping: how far the plan has come.
        level: of confidence.
    """
    tested = [comparison for comparison in comparisons if not comparison.reason]
    declared = [comparison for comparison in tested if comparison.significant]
    if not declared:
        return {}
    looks = min(max(ceil(stopping.days), 1), MOST_LOOKS)
    boundary = stopping.horizon.boundary((1 - level) / len(tested), level, looks)
    best = max(tested, key=lambda comparison: comparison.improvement.value)
    found = {}
    for one in declared:
        chosen = one is best and len(tested) > 1 and one.improvement.value > 0
        value = _of_best(means, tested, one) if chosen else one.improvement.value
        value *= _stopping_factor(one, boundary)
        if value != one.improvement.value:
            found[one.arm] = Corrected(
                value, stopped=boundary is not None, of=len(tested) if chosen else 1
            )
    return found


def _stopping_factor(comparison: Comparison, boundary: Boundary | None) -> float:
    if boundary is None:
        return 1.0
    z = normal_score(comparison.statistic, comparison.df)
    return after_stopping(z, boundary.information, boundary.criticals)


def _of_best(means: ArmMeans, tested: Sequence[Comparison], best: Comparison) -> float:
    """Return the improvement of the best arm, given that it is the best of those tested."""
    names = [comparison.arm for comparison in tested]
    pairs = tuple(pair for pair in means.pairs if means.arms[pair[0]] in names)
    baselines = np.array([means.means[baseline] for _, baseline in pairs])
    errors = np.array([comparison.standard_error for comparison in tested]) / baselines
    values = np.array([comparison.improvement.value for comparison in tested])
    covariance = contrast_correlation(means, pairs) * np.outer(errors, errors)
    return best_of(values, covariance, best.simultaneous_improvement.low)
