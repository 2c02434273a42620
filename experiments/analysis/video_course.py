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
    """Return the means after each day (UTC) with counts, in order of time.

    Args:
        experiment: one that has started, in which not viewers are assigned.
        layout: its own.
    """
    kept = VideoCourse.objects.filter(experiment=experiment, watermark=layout.watermark).first()
    return from_kept(kept.looks, tuple[Look, ...]) if kept else _computed(experiment, layout)


def keep_looks(experiment: Experiment, layout: Layout) -> None:
    """Keep the looks of an ended experiment; those of its present counts are computed once."""
    found = looks_by_video(experiment, layout)
    VideoCourse.objects.update_or_create(
        experiment=experiment, defaults={"watermark": layout.watermark, "looks": as_kept(found)}
    )


def _computed(experiment: Experiment, layout: Layout) -> tuple[Look, ...]:
    by_day = dict(kept_counts.daily_video_counts(layout))
    means = cumulative_means(
        list(by_day.values()), Unit(experiment.unit), min_views=experiment.min_views
    )
    return tuple(map(Look, by_day, means))
