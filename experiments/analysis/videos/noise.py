"""The noise of clicks beside chance, estimated from nulls that an experiment has of its own."""

from collections.abc import Mapping

import numpy as np

from experiments.analysis.stats.homogeneity import dispersion, dispersion_to_use, homogeneity
from experiments.analysis.stats.records import LEVEL, IntArray, StratifiedCounts
from experiments.analysis.stats.results import Estimate
from experiments.analysis.videos.record import Noise
from experiments.equal_arms import equal_arms
from experiments.models import Experiment, TwoWayError

NOT_YET = "not computed yet: it is within ten minutes of the first counts"


def noise_of(
    experiment: Experiment,
    counts: StratifiedCounts,
    slugs: Mapping[int, str],
    kept: TwoWayError | None,
) -> Noise:
    """Return the noise of an experiment's clicks: the larger of what its nulls say.

    Args:
        experiment: whose arms may show the same creatives.
        counts: of all its videos.
        slugs: of the videos, by primary key.
        kept: what was computed of its viewers, where it was.
    """
    by_viewers = _kept(kept)
    group, views, clicks = _same_creatives(experiment, counts, slugs)
    by_same = dispersion(homogeneity(group, views, clicks))
    used = max(dispersion_to_use(by_viewers), dispersion_to_use(by_same))
    return Noise(used, by_viewers, by_same)


def _kept(kept: TwoWayError | None) -> Estimate:
    if kept is None or kept.noise is None:
        return Estimate(np.nan, np.nan, np.nan, LEVEL, NOT_YET)
    numbers = (kept.noise[name] for name in ("value", "low", "high"))
    value, low, high = (np.nan if number is None else number for number in numbers)
    return Estimate(value, low, high, kept.noise["level"], kept.noise["reason"])


def _same_creatives(
    experiment: Experiment, counts: StratifiedCounts, slugs: Mapping[int, str]
) -> tuple[IntArray, IntArray, IntArray]:
    """Return group, views and clicks of arms that show the same of a video, in one stratum."""
    place = {slugs[pk]: row for row, pk in enumerate(counts.video_ids.tolist())}
    found = [
        (place[same.video], [counts.arms.index(arm) for arm in same.arms])
        for same in equal_arms(experiment)
        if same.video in place
    ]
    rows: list[tuple[int, int, int]] = []
    groups = 0
    for video, arms in found:
        for views, clicks in zip(
            counts.views[:, video, arms], counts.clicks[:, video, arms], strict=True
        ):
            if np.all(views > 0):
                rows += [
                    (groups, n, x) for n, x in zip(views.tolist(), clicks.tolist(), strict=True)
                ]
                groups += 1
    group, views, clicks = np.array(rows, np.int64).reshape(-1, 3).T
    return group, views, clicks
