"""Starts and ends experiments."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from experiments.errors import ExperimentError
from experiments.models import Arm, Experiment, Video
from experiments.serving import allocation_phases
from experiments.unit import ASSIGNED_UNITS, Unit


@dataclass(frozen=True, slots=True)
class Design:
    """How units are assigned; docs/assignment.md says what each means.

    Attributes:
        unit: what keeps its arm.
        ramp: share of the units that take part at first, 0 to 1; it can be raised later.
        holdback: share of the units that never take part, from 0 to less than 1.
        layer: experiments of one layer divide its viewers among them; empty for none.
        layer_from: start of the slice of the layer, from 0.
        layer_to: end of the slice, at most 1.
        min_views: a video counts only where every arm has so many views.
    """

    unit: str = Unit.VIEWER_VIDEO
    ramp: float = 1.0
    holdback: float = 0.0
    layer: str = ""
    layer_from: float = 0.0
    layer_to: float = 1.0
    min_views: int = 1

    def __post_init__(self) -> None:
        """Check at the door.

        Raises:
            ExperimentError: naming the value.
        """
        if self.unit not in ASSIGNED_UNITS:
            units = ", ".join(ASSIGNED_UNITS)
            raise ExperimentError(f"unit == {self.unit!r}, must be one of {units}")
        if not 0 <= self.ramp <= 1:
            raise ExperimentError(f"ramp == {self.ramp}, must be from 0 to 1")
        if not 0 <= self.holdback < 1:
            raise ExperimentError(f"holdback == {self.holdback}, must be from 0 to less than 1")
        if not 0 <= self.layer_from < self.layer_to <= 1:
            raise ExperimentError(
                f"layer slice == {self.layer_from} to {self.layer_to}, must lie within 0 to 1"
            )
        if self.min_views < 1:
            raise ExperimentError(f"min_views == {self.min_views}, must be at least 1")


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
    slug: str,
    name: str,
    arms: Sequence[ArmPlan],
    *,
    question: str = "",
    simulated: str = "",
    design: Design | None = None,
) -> Experiment:
    """Start an experiment over every video that has a thumbnail for each arm.

    A slug in use gets a number, so that a study can be run again beside its first run.

    Raises:
        ExperimentError: for fewer than two arms, where no video has all the thumbnails, or where
            the slice of the layer is taken.
    """
    if len(arms) < 2:
        raise ExperimentError(f"{len(arms)} arms, must be at least 2: a control and one to compare")
    videos = list(videos_with([arm.selector for arm in arms]))
    if not videos:
        raise ExperimentError(
            "no video has a thumbnail for every arm: `manage.py make_thumbnails` makes them"
        )
    design = design or Design()
    experiment = Experiment.objects.create(
        slug=_free_slug(slug),
        name=name,
        question=question,
        simulated=simulated,
        state=Experiment.State.RUNNING,
        started_at=timezone.now(),
        unit=design.unit,
        holdback=design.holdback,
        layer=design.layer,
        layer_from=design.layer_from,
        layer_to=design.layer_to,
        min_views=design.min_views,
    )
    Arm.objects.bulk_create(
        Arm(experiment=experiment, index=index, name=arm.name, selector=arm.selector,
            weight=arm.weight)
        for index, arm in enumerate(arms)
    )  # fmt: skip
    experiment.videos.set(videos)
    if problem := layer_problem(experiment):
        raise ExperimentError(problem)
    allocation_phases.start(experiment, ramp=design.ramp)
    return experiment


def layer_problem(experiment: Experiment) -> str:
    """Return which running experiment has a part of this one's slice of its layer; empty if none.

    Two experiments that share viewers and videos would each be the other's noise.
    """
    if not experiment.layer:
        return ""
    others = Experiment.objects.select_for_update().filter(
        state=Experiment.State.RUNNING,
        layer=experiment.layer,
        layer_from__lt=experiment.layer_to,
        layer_to__gt=experiment.layer_from,
    )
    other = others.exclude(pk=experiment.pk).first()
    if other is None:
        return ""
    return (
        f"the slice {experiment.layer_from:g} to {experiment.layer_to:g} of layer "
        f"{experiment.layer!r} overlaps that of {other.slug}, which runs on {other.layer_from:g} "
        f"to {other.layer_to:g}: choose another slice, or end it first"
    )


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
