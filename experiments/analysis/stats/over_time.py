"""Effects as they accumulate."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import as_strata, estimate_mean_ctr
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.horizon import Horizon
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.records import (
    LEVEL,
    StratifiedCounts,
    VideoCounts,
)
from experiments.analysis.stats.results import ArmMeans, Comparison
from experiments.unit import Unit

Counts = TypeVar("Counts", VideoCounts, StratifiedCounts)


def cumulative_means(
    slices: Sequence[Counts], unit: Unit, *, min_views: int = 1
) -> tuple[ArmMeans, ...]:
    """Estimate the arms' means as the slices accumulate.

    A look has the videos that can expect a click by then, see least_views.

    Args:
        slices: the counts of each day, of the same videos and arms.
        unit: what was randomised.
        min_views: of all slices up to the look.

    Raises:
        DesignError, InputError: see estimate; and for slices that do not match.
    """
    _check_same_videos(slices)
    return tuple(
        estimate_mean_ctr(counts, unit, min_views=least_views(as_strata(counts), min_views))
        for counts in accumulate(slices)
    )


def cumulative_effects(
    looks: Sequence[ArmMeans],
    horizons: Sequence[Horizon],
    *,
    level: float = LEVEL,
    inflation: float = 1.0,
) -> tuple[tuple[Comparison, ...], ...]:
    """Compare the arms at each look by its horizon.

    Args:
        looks: the means at each, see cumulative_means.
        horizons: one a look.
        level: of confidence.
        inflation: how many times the variance is what the design's own error says, see two_way.
    """
    if inflation > 1:
        looks = [look.widened(inflation, look.df) for look in looks]
    return tuple(
        compare(look, level=level, horizon=horizon)
        for look, horizon in zip(looks, horizons, strict=True)
    )


def accumulate(slices: Sequence[Counts]) -> list[Counts]:
    """Return the running sums of the slices' counts."""
    views = np.cumsum([counts.views for counts in slices], axis=0)
    clicks = np.cumsum([counts.clicks for counts in slices], axis=0)
    return [
        replace(counts, views=n, clicks=x)
        for counts, n, x in zip(slices, views, clicks, strict=True)
    ]


def _check_same_videos(slices: Sequence[Counts]) -> None:
    for number, counts in enumerate(slices, 1):
        first = slices[0]
        same = np.array_equal(counts.video_ids, first.video_ids) and counts.arms == first.arms
        if not same:
            raise InputError(f"slice {number} is of other videos or arms than the first")
