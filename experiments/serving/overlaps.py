"""Experiments that share videos and viewers: each is in the other's figures, so both say so.

Slices of one layer keep their viewers apart; nothing else does.
"""

from django.db.models import Count, QuerySet

from experiments.models import Experiment


def overlapping(experiment: Experiment) -> QuerySet[Experiment]:
    """Return the other live experiments over some of the same videos and viewers.

    Each has `shared`, the number of videos in both.
    """
    others = Experiment.objects.filter(state__in=Experiment.LIVE_STATES).exclude(pk=experiment.pk)
    if experiment.layer:
        others = others.exclude(layer=experiment.layer)
    tests = others.filter(decision=None)  # what is shipped gives way to them
    both = tests.filter(videos__in=experiment.videos.all())
    return both.annotate(shared=Count("videos", distinct=True)).order_by("pk")


def warnings(experiment: Experiment) -> list[str]:
    """Return a sentence for each experiment that a draft or a running one overlaps."""
    if experiment.state not in {Experiment.State.DRAFT, Experiment.State.RUNNING}:
        return []
    return [_warning(experiment, other) for other in overlapping(experiment)]


def _warning(experiment: Experiment, other: Experiment) -> str:
    # The feed asks experiments in the order in which they were made.
    first, second = sorted((experiment, other), key=lambda each: each.pk)
    videos = other.shared  # type: ignore[attr-defined]  # annotated above
    return (
        f"{experiment.slug} and {other.slug} share {videos:,} video{'s' if videos != 1 else ''} "
        f"and their viewers: pages show {first.slug} where it takes a viewer in, and "
        f"{second.slug} only to the rest. To keep them apart, end one and start it again with a "
        "slice of one layer for each, such as front:0:0.5 and front:0.5:1."
    )
