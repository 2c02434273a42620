"""Which videos count, and why the others do not."""

import numpy as np

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import BoolArray, IntArray
from experiments.analysis.stats.results import Inclusion, LeftOut
from experiments.unit import Unit

TWO_ARMS = "views in more than one arm, though each video is assigned to one"


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
        return _include_assigned(video_ids, views, short, min_views)
    left_out = tuple(
        LeftOut(
            f"fewer than {min_views} views in {_named(arms, pattern)}",
            tuple(video_ids[np.all(short == pattern, axis=1)].tolist()),
        )
        for pattern in np.unique(short[short.any(axis=1)], axis=0)
    )
    return Inclusion(np.all(views >= min_views, axis=1), min_views, left_out)


def _include_assigned(
    video_ids: IntArray, views: IntArray, short: BoolArray, min_views: int
) -> Inclusion:
    crossed = (views > 0).sum(axis=1) > 1
    too_few = ~crossed & short.all(axis=1)
    reasons = ((TWO_ARMS, crossed), (f"fewer than {min_views} views in its arm", too_few))
    left_out = tuple(
        LeftOut(reason, tuple(video_ids[mask].tolist())) for reason, mask in reasons if mask.any()
    )
    return Inclusion(~crossed & ~too_few, min_views, left_out)


def _named(arms: tuple[str, ...], pattern: BoolArray) -> str:
    names = [repr(arm) for arm, is_short in zip(arms, pattern, strict=True) if is_short]
    return ("arms " if len(names) > 1 else "arm ") + ", ".join(names)
