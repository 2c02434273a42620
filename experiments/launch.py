"""Starts and ends experiments."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from experiments.errors import ExperimentError
from experiments.models import Arm, Experiment, Video


@dataclass(frozen=True, slots=True)
class ArmPlan:
    """One arm to be: its name, whose thumbnails it shows, and its share of the traffic."""

    name: str
    selector: str
    weight: float = 1.0


def videos_with(selectors: Sequence[str]) -> QuerySet[Video]:
    """Return the videos that have a thumbnail by every one of the selectors."""
    wanted = set(selectors)
    made = Count("thumbnails", filter=Q(thumbnails__selector__in=wanted))
    return Video.objects.annotate(made=made).filter(made=len(wanted))


def is_running(slug: str) -> bool:
    """Tell whether an experiment of this slug serves its arms now."""
    return Experiment.objects.filter(slug=slug, state=Experiment.State.RUNNING).exists()


@transaction.atomic
def launch(
    slug: str, name: str, arms: Sequence[ArmPlan], *, question: str = "", simulated: str = ""
) -> Experiment:
    """Start an experiment over every video that has a thumbnail for each arm.

    A slug in use gets a number, so that a study can be run again beside its first run.

    Raises:
        ExperimentError: for fewer than two arms, or where no video has all the thumbnails.
    """
    if len(arms) < 2:
        raise ExperimentError(f"{len(arms)} arms, must be at least 2: a control and one to compare")
    videos = list(videos_with([arm.selector for arm in arms]))
    if not videos:
        raise ExperimentError(
            "no video has a thumbnail for every arm: `manage.py make_thumbnails` makes them"
        )
    experiment = Experiment.objects.create(
        slug=_free_slug(slug),
        name=name,
        question=question,
        simulated=simulated,
        state=Experiment.State.RUNNING,
        started_at=timezone.now(),
    )
    Arm.objects.bulk_create(
        Arm(experiment=experiment, index=index, name=arm.name, selector=arm.selector,
            weight=arm.weight)
        for index, arm in enumerate(arms)
    )  # fmt: skip
    experiment.videos.set(videos)
    return experiment


def end(experiment: Experiment) -> None:
    """End a running experiment: it serves no arm from now on.

    Raises:
        ExperimentError: where it is not running.
    """
    if experiment.state != Experiment.State.RUNNING:
        raise ExperimentError(
            f"{experiment.slug} is {experiment.state}, must be running to be ended"
        )
    experiment.state = Experiment.State.ENDED
    experiment.ended_at = timezone.now()
    experiment.save(update_fields=["state", "ended_at"])


def _free_slug(slug: str) -> str:
    taken = set(Experiment.objects.filter(slug__startswith=slug).values_list("slug", flat=True))
    numbered = (f"{slug}-{number}" for number in range(2, len(taken) + 3))
    return slug if slug not in taken else next(name for name in numbered if name not in taken)
