"""Preconditions of acts: each a sentence where it is not met.

The life cycle refuses by these, and the checklist before a launch shows the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from experiments.design import ArmDesign
from experiments.errors import InvalidValuesError, StateError
from experiments.models import Experiment, Video
from experiments.stopping import StoppingRule


def lock(experiment: Experiment) -> None:
    """Read the row anew and let other acts on it wait until this one is done."""
    experiment.refresh_from_db(from_queryset=Experiment.objects.select_for_update())


def must_be(experiment: Experiment, *states: Experiment.State, to: str) -> None:
    """Refuse an act that the experiment's state does not allow."""
    if experiment.state not in states:
        wanted = " or ".join(states)
        raise StateError(f"{experiment.slug} is {experiment.state}, must be {wanted} to {to}")


def refuse(problems: Mapping[str, str]) -> None:
    """Refuse values where there is a sentence about any."""
    if problems:
        raise InvalidValuesError(problems)


def with_thumbnails(videos: QuerySet[Video], arms: Sequence[ArmDesign]) -> QuerySet[Video]:
    """Return the videos that have a thumbnail for every arm with weight."""
    wanted = {arm.selector for arm in arms if arm.weight > 0}
    made = Count("thumbnails", filter=Q(thumbnails__selector__in=wanted))
    return videos.annotate(made=made).filter(made=len(wanted))


def must_have_thumbnails(experiment: Experiment, arms: Sequence[ArmDesign]) -> None:
    """Refuse where not even one video could show every arm with weight."""
    videos = Video.objects.filter(experiments=experiment)
    if not with_thumbnails(videos, arms).exists():
        raise StateError(no_thumbnails_said(experiment))


def no_thumbnails_said(experiment: Experiment) -> str:
    """Return the sentence where no video could show every arm."""
    return (
        f"no video of {experiment.slug} has a thumbnail for every arm: add videos, or let "
        "`manage.py make_thumbnails` make what is missing"
    )


def must_have_its_slice(experiment: Experiment) -> None:
    """Refuse a slice that another has: two that share viewers would each be the other's noise."""
    if not experiment.layer:
        return
    others = live().filter(
        layer=experiment.layer,
        layer_from__lt=experiment.layer_to,
        layer_to__gt=experiment.layer_from,
    )
    if other := others.exclude(pk=experiment.pk).first():
        raise StateError(
            f"the slice {experiment.layer_from:g} to {experiment.layer_to:g} of layer "
            f"{experiment.layer!r} overlaps that of {other.slug}, which has {other.layer_from:g} "
            f"to {other.layer_to:g}: choose another slice, or end it first"
        )


def must_be_extensible(experiment: Experiment, now: datetime) -> None:
    """Refuse to move an end that its rule fixes, or that was read: whoever waits on errs more."""
    if experiment.stopping_rule != StoppingRule.ALWAYS_VALID or experiment.planned_end is None:
        raise StateError(
            f"{experiment.slug} is decided by its rule ({experiment.get_stopping_rule_display()}) "
            "at an end that was fixed at the start, or has none: it cannot be extended"
        )
    if experiment.planned_end <= now:
        raise StateError(
            f"{experiment.slug} has come to its planned end: days that are added once its result "
            "can be read would spoil it. End it, and start another if it is not clear"
        )


def live() -> QuerySet[Experiment]:
    """Return the experiments that have started and not ended."""
    return Experiment.objects.filter(state__in=Experiment.LIVE_STATES)


def named(name: str, problem: str) -> dict[str, str]:
    """Return the sentence by its value's name, and nothing where there is none."""
    return {name: problem} if problem else {}
