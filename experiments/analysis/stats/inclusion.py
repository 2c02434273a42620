"""The videos that count, and why the others do not."""

import numpy as np

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import BoolArray, IntArray, StratifiedCounts
from experiments.analysis.stats.results import Inclusion, LeftOut
from experiments.analysis.stats.standardise import Group, comparable_views
from experiments.unit import Unit

TWO_ARMS = "views in more than one arm, though each video is assigned to one"
NOT_TOGETHER = "its arms were not seen at the same shares: too few views to compare them by"
# Clicks that a video must be able to expect in each arm. Without one its click rate is 0 or far too
# high, and a mean over videos is of such noise; with many demanded few videos are left.
EXPECTED_CLICKS = 1


def least_views(counts: StratifiedCounts, min_views: int) -> int:
    """Return how many views in each arm make a video count: `min_views`, and enough for a click.

    So many as have EXPECTED_CLICKS at the click rate of all videos and arms together: neither a
    video's own clicks nor a difference between its arms decide whether it counts.
    """
    views, clicks = int(counts.views.sum()), int(counts.clicks.sum())
    if not clicks:
        return min_views
    return max(min_views, -(-EXPECTED_CLICKS * views // clicks))


def include_group(counts: StratifiedCounts, group: Group, unit: Unit, min_views: int) -> Inclusion:
    """Include the videos with at least `min_views` of every arm of a group, comparable ones.

    A view is comparable in a stratum in which every arm of the group has a share, and where the
    video has views in each.
    """
    names = tuple(counts.arms[arm] for arm in group.arms)
    views = counts.views[:, :, list(group.arms)][group.strata]
    if unit is Unit.VIDEO:
        return _include_assigned(counts.video_ids, views, min_views)
    found = include_videos(counts.video_ids, names, views.sum(axis=0), unit, min_views)
    enough = np.all(comparable_views(counts, group) >= min_views, axis=1)
    apart = tuple(counts.video_ids[found.included & ~enough].tolist())
    left_out = (*found.left_out, LeftOut(NOT_TOGETHER, apart)) if apart else found.left_out
    return Inclusion(found.included & enough, min_views, left_out)


def include_videos(
    video_ids: IntArray,
    arms: tuple[str, ...],
    views: IntArray,
    unit: Unit,
    min_views: int,
) -> Inclusion:
    """Include the videos with at least `min_views` in every compared arm.

    Where the unit is the video, a video has one arm: it counts with `min_views` in that arm, and
    not at all with views in two.

    Args:
        video_ids: (V,).
        arms: (K,) keys.
        views: (V, K).
        unit: what was randomised.
        min_views: the threshold, at least 1.

    Raises:
        InputError: if the threshold is below 1 (zero views have no CTR).
    """
    if min_views < 1:
        raise InputError(f"min_views == {min_views}, must be at least 1: no views, no CTR")
    short = views < min_views  # (V, K)
    if unit is Unit.VIDEO:
        return _include_assigned(video_ids, views[None], min_views)
    left_out = tuple(
        LeftOut(
            f"fewer than {min_views} views in {_named(arms, pattern)}",
            tuple(video_ids[np.all(short == pattern, axis=1)].tolist()),
        )
        for pattern in np.unique(short[short.any(axis=1)], axis=0)
    )
    return Inclusion(np.all(views >= min_views, axis=1), min_views, left_out)


def _include_assigned(video_ids: IntArray, views: IntArray, min_views: int) -> Inclusion:
    """Include the videos with enough views in one arm and none in another; views are (S, V, K)."""
    crossed = np.any((views > 0).sum(axis=2) > 1, axis=0)
    too_few = ~crossed & np.all(views < min_views, axis=(0, 2))
    reasons = ((TWO_ARMS, crossed), (f"fewer than {min_views} views in its arm", too_few))
    left_out = tuple(
        LeftOut(reason, tuple(video_ids[mask].tolist())) for reason, mask in reasons if mask.any()
    )
    return Inclusion(~crossed & ~too_few, min_views, left_out)


def _named(arms: tuple[str, ...], pattern: BoolArray) -> str:
    names = [repr(arm) for arm, is_short in zip(arms, pattern, strict=True) if is_short]
    return ("arms " if len(names) > 1 else "arm ") + ", ".join(names)
