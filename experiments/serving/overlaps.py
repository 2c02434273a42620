"""Experiments that share videos and viewers: each is in the other's figures, so both say so.

Slices of one layer keep their viewers apart; nothing else does.
"""

from dataclasses import dataclass

from django.db.models import Count

from experiments.models import Experiment


@dataclass(frozen=True, slots=True)
class Overlap:
    """Another live test over some of the same videos and viewers, and how many videos."""

    pk: int
    slug: str
    videos: int


def overlaps(experiment: Experiment) -> list[Overlap]:
    """Return the other live tests over some of the same videos and viewers, the oldest first.

    What is shipped gives way to tests, and is none.
    """
    of = Experiment.videos.through.objects.order_by()
    mine = of.filter(experiment=experiment).values("video")
    counted = of.filter(video__in=mine).values_list("experiment", "experiment__slug")
    live = Experiment.objects.filter(state__in=Experiment.LIVE_STATES, decision=None)
    if experiment.layer:
        live = live.exclude(layer=experiment.layer)
    others = counted.filter(experiment__in=live.exclude(pk=experiment.pk))
    return [Overlap(*each) for each in others.annotate(Count("pk")).order_by("experiment")]


def warnings(experiment: Experiment) -> list[str]:
    """Return a sentence for each test that a draft or a running one overlaps."""
    if experiment.state not in {Experiment.State.DRAFT, Experiment.State.RUNNING}:
        return []
    return [_warning(experiment, found) for found in overlaps(experiment)]


def _warning(experiment: Experiment, found: Overlap) -> str:
    # The feed asks experiments in the order in which they were made.
    first, second = experiment.slug, found.slug
    if found.pk < experiment.pk:
        first, second = second, first
    return (
        f"{experiment.slug} and {found.slug} share {found.videos:,} "
        f"video{'s' if found.videos != 1 else ''} and their viewers: pages show {first} where "
        f"it takes a viewer in, and {second} only to the rest. To keep them apart, end one "
        "and start it again with a slice of one layer for each, such as front:0:0.5 and "
        "front:0.5:1."
    )
