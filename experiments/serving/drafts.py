"""Drafts that a person fills in step by step: each step is stored, and refused where it cannot be.

A draft may lack arms and videos; the start asks for all.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from experiments.audit import record_act
from experiments.design import (
    FIELDS,
    NAME_CHARS,
    SLUG_CHARS,
    ArmDesign,
    Design,
    arms_problem,
)
from experiments.models import Arm, Experiment, Video
from experiments.models.experiment import new_salt
from experiments.serving.acts import recorded, standing
from experiments.serving.lifecycle import DRAFT, free_slug
from experiments.serving.overlaps import overlaps
from experiments.serving.preconditions import lock, must_be, named, refuse

EDIT = "edit the draft"
TO_CHANGE = "be changed as a draft"
COPIED = ", copy"


@transaction.atomic
def open_draft(name: str, question: str) -> Experiment:
    """Make a draft of a name and a question alone; its slug is made of the name.

    Raises:
        InvalidValuesError: for a name or question that cannot be.
    """
    slug = free_slug(slugify(name)[:SLUG_CHARS].strip("-") or "experiment")
    design = Design(slug, name, (), question=question)
    refuse(_only(design.problems(), ("name", "question")))
    draft = Experiment.objects.create(slug=slug, name=name, question=question, salt=design.salt)
    record_act("experiment", slug, "draft", after=standing(draft))
    return draft


@transaction.atomic
def copy(experiment: Experiment, *, why: str = "") -> Experiment:
    """Make a draft of an experiment's design, arms and videos; viewers are dealt out anew."""
    design = Design.of(experiment)
    name = f"{design.name[: NAME_CHARS - len(COPIED)]}{COPIED}"
    slug = free_slug(experiment.slug)
    made = replace(design, slug=slug, name=name, salt=new_salt())
    draft = Experiment.objects.create(**{field: getattr(made, field) for field in FIELDS})
    _give_arms(draft, design.arms)
    draft.videos.set(experiment.videos.all())
    after = {"copy_of": experiment.slug, **standing(draft)}
    record_act("experiment", slug, "draft", after=after, why=why)
    return draft


def set_values(draft: Experiment, values: Mapping[str, Any]) -> None:
    """Give a draft other values of its design's fields; its arms stay.

    Raises:
        InvalidValuesError: for a value that cannot be.
        StateError: where it is no draft.
    """
    with _edited(draft, *values):
        design = replace(Design.of(draft), **values)
        refuse(_only(design.problems(draft), tuple(values)))
        for name, value in values.items():
            setattr(draft, name, value)
        draft.save(update_fields=list(values))


def set_arms(draft: Experiment, arms: Sequence[ArmDesign]) -> None:
    """Give a draft other arms, the control first.

    Raises:
        InvalidValuesError: for arms that cannot be compared.
        StateError: where it is no draft.
    """
    with _edited(draft):
        refuse(named("arms", arms_problem(arms)))
        Arm.objects.filter(experiment=draft).delete()
        _give_arms(draft, arms)


def set_videos(draft: Experiment, videos: QuerySet[Video]) -> None:
    """Let a draft be about these videos.

    Raises:
        InvalidValuesError: where there is none.
        StateError: where it is no draft.
    """
    with _edited(draft):
        if not videos.exists():
            refuse({"videos": "no video is chosen: choose one, or another filter"})
        draft.videos.set(videos)


def leave_out_shared(draft: Experiment) -> int:
    """Take the videos out of a draft that other live tests have; return how many.

    Raises:
        StateError: where it is no draft.
    """
    with recorded(draft, "leave out videos", ""):
        must_be(draft, DRAFT, to="lose videos")
        others = [found.pk for found in overlaps(draft)]
        shared = Video.objects.filter(experiments__in=others).values("pk")
        left_out = list(draft.videos.filter(pk__in=shared))
        draft.videos.remove(*left_out)
        return len(left_out)


def _give_arms(draft: Experiment, arms: Sequence[ArmDesign]) -> None:
    Arm.objects.bulk_create(
        Arm(experiment=draft, index=index, name=arm.name, selector=arm.selector, weight=arm.weight)
        for index, arm in enumerate(arms)
    )


@contextmanager
def _edited(draft: Experiment, *fields: str) -> Iterator[None]:
    """Let a draft be changed, and leave an entry where it was."""
    with transaction.atomic():
        lock(draft)
        must_be(draft, DRAFT, to=TO_CHANGE)
        before = _said(draft, fields)
        yield
        after = _said(draft, fields)
        if after != before:
            record_act("experiment", draft.slug, EDIT, before=before, after=after)


def _said(draft: Experiment, fields: Iterable[str]) -> dict[str, Any]:
    rows = draft.arms.order_by("index").values_list("name", "selector")
    arms = ", ".join(f"{name} ({selector})" for name, selector in rows)
    return {**standing(draft), "arms": arms, **{name: getattr(draft, name) for name in fields}}


def _only(problems: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: problems[name] for name in names if name in problems}
