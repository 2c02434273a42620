"""The course of an experiment whose error is between its videos: its means after each day.

Computing it takes as long as a report. While an experiment runs its counts change all the time;
once it has ended they stay, and so its course is kept, with the watermark of its counts.
"""

from experiments.analysis import kept_counts
from experiments.analysis.kept_means import as_kept, from_kept
from experiments.analysis.layout import Layout
from experiments.analysis.stats.over_time import cumulative_means
from experiments.analysis.viewer_course import Look
from experiments.models import Experiment, VideoCourse
from experiments.unit import Unit


def looks_by_video(experiment: Experiment, layout: Layout) -> tuple[Look, ...]:
    """Compute the means after each day (UTC) with counts, in order of time.

    Args:
        experiment: one that has started, in which not viewers are assigned.
        layout: its own.
    """
    by_day = dict(kept_counts.daily_video_counts(layout))
    means = cumulative_means(
        list(by_day.values()), Unit(experiment.unit), min_views=experiment.min_views
    )
    return tuple(map(Look, by_day, means))


def kept_looks(kept: VideoCourse | None, layout: Layout) -> tuple[Look, ...]:
    """Return the looks that were kept; none where they are of other counts than there are."""
    if kept is None or kept.watermark != layout.watermark:
        return ()
    return from_kept(kept.looks, tuple[Look, ...])


def keep_looks(experiment: Experiment, layout: Layout) -> None:
    """Compute the looks of an experiment, and keep them."""
    looks = as_kept(looks_by_video(experiment, layout))
    found = {"watermark": layout.watermark, "looks": looks}
    VideoCourse.objects.update_or_create(experiment=experiment, defaults=found)
