"""Effects as they accumulate, and whether they fade."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
import scipy

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.contrast import two_sided_p
from experiments.analysis.stats.engine import as_strata, estimate_mean_ctr
from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.horizon import Horizon
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.records import (
    CONTROL,
    LEVEL,
    FloatArray,
    StratifiedCounts,
    VideoCounts,
    check_level,
)
from experiments.analysis.stats.results import Comparison, Estimate
from experiments.unit import Unit

Counts = TypeVar("Counts", VideoCounts, StratifiedCounts)


@dataclass(frozen=True, slots=True)
class Trend:
    """Whether an arm's effect changes from the first half of the slices to the second.

    Attributes:
        change: mean over videos of the difference in the later half minus that in the earlier;
            a falling effect over a viewer's exposures is a novelty effect.
    """

    arm: str
    videos: int
    change: Estimate
    p_value: float


def cumulative_effect(
    slices: Sequence[Counts],
    unit: Unit,
    horizons: Sequence[Horizon],
    *,
    min_views: int = 1,
    level: float = LEVEL,
    inflation: float = 1.0,
) -> tuple[tuple[Comparison, ...], ...]:
    """Compare the arms as the slices accumulate, each time by the horizon of that look.

    A look has the videos that can expect a click by then, see least_views.

    Args:
        slices: the counts of each day, of the same videos and arms.
        unit: what was randomised.
        horizons: one a slice.
        min_views: of all slices up to the look.
        level: of confidence.
        inflation: how many times the variance is what the design's own error says, see two_way.

    Raises:
        DesignError, InputError: see estimate; and for slices that do not match.
    """
    _check_same_videos(slices)
    looks = [
        estimate_mean_ctr(counts, unit, min_views=least_views(as_strata(counts), min_views))
        for counts in accumulate(slices)
    ]
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
    first = slices[0]
    return [replace(first, views=n, clicks=x) for n, x in zip(views, clicks, strict=True)]


def trend(
    slices: Sequence[VideoCounts], arm: int, *, min_views: int = 1, level: float = LEVEL
) -> Trend:
    """Compare an arm's effect in the later half of the slices with that in the earlier.

    Paired by video, over the videos with enough views in both arms in both halves.

    Raises:
        InputError: for fewer than two slices, or slices that do not match.
    """
    check_level(level)
    _check_same_videos(slices)
    if len(slices) < 2:
        raise InputError(f"len(slices) == {len(slices)}, must be at least 2 to tell a trend")
    middle = len(slices) // 2
    early, late = (accumulate(half)[-1] for half in (slices[:middle], slices[middle:]))
    columns = [CONTROL, arm]
    enough = np.all(np.minimum(early.views, late.views)[:, columns] >= min_views, axis=1)
    change = _effect(late, arm)[enough] - _effect(early, arm)[enough]
    name, videos = early.arms[arm], int(enough.sum())
    if videos < 2 or not np.ptp(change) > 0:
        why = f"{videos} videos with views in both halves, or no variation: nothing to test"
        value = float(change.mean()) if videos else np.nan
        return Trend(name, videos, Estimate(value, np.nan, np.nan, level, why), np.nan)
    test = scipy.stats.ttest_1samp(change, 0)
    low, high = test.confidence_interval(level)
    shown = Estimate(float(change.mean()), float(low), float(high), level)
    return Trend(name, videos, shown, two_sided_p(float(test.statistic), float(test.df)))


def _effect(counts: VideoCounts, arm: int) -> FloatArray:
    ctr = counts.ctr
    return ctr[:, arm] - ctr[:, CONTROL]


def _check_same_videos(slices: Sequence[Counts]) -> None:
    if not slices:
        raise InputError("no slices, must be at least one")
    first = slices[0]
    for number, counts in enumerate(slices, 1):
        same = np.array_equal(counts.video_ids, first.video_ids) and counts.arms == first.arms
        if not same:
            raise InputError(f"slice {number} is of other videos or arms than the first")
