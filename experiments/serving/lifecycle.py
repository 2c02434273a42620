"""The life cycle: every act on an experiment, what it needs, and a sentence where it is refused.

Console, commands and API are doors: they call these functions and hold no rule of their own. Each
act takes the reason for it, `why`, and leaves an entry in the audit log. docs/lifecycle.md has the
table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from experiments.advisory_locks import START_LOCK
from experiments.audit import record_act
from experiments.design import (
    FIELDS,
    MAX_DAYS,
    SLUG_CHARS,
    TAKEN_BY_PAGES,
    ArmDesign,
    Design,
    indexes_problem,
    ramp_problem,
    slug_problem,
    weights_problem,
)
from experiments.equal_arms import equal_arms
from experiments.events.clock import database_now
from experiments.models import Arm, Experiment, Phase, Video
from experiments.serving import allocation_phases
from experiments.serving.acts import recorded, standing, weights_of
from experiments.serving.arm_choices import creatives_problem
from experiments.serving.preconditions import (
    live,
    must_be,
    must_be_extensible,
    must_have_its_slice,
    must_have_thumbnails,
    named,
    refuse,
    with_thumbnails,
)

DRAFT, RUNNING, PAUSED = Experiment.State.DRAFT, Experiment.State.RUNNING, Experiment.State.PAUSED
TRIAL = "A trial: its viewers are simulated and sent from the console. No person clicked anything."


@transaction.atomic
def draft(design: Design, videos: Sequence[str] | None = None, *, why: str = "") -> Experiment:
    """Make a draft: its row, its arms and its videos.

    Args:
        design: all that it says.
        videos: their slugs; None for every video that has a thumbnail for each arm.
        why: the reason, for the audit log.

    Raises:
        InvalidValuesError: for a value that cannot be.
    """
    refuse(design.problems())
    shown = _videos(design.arms, videos)
    refuse(named("videos", creatives_problem(shown, design.arms)))
    try:
        with transaction.atomic():
            fields = {name: getattr(design, name) for name in FIELDS}
            experiment = Experiment.objects.create(**fields)
    except IntegrityError:  # another took the slug at this moment
        refuse(design.problems())
        raise
    Arm.objects.bulk_create(
        Arm(experiment=experiment, index=index, name=arm.name, selector=arm.selector,
            weight=arm.weight)
        for index, arm in enumerate(design.arms)
    )  # fmt: skip
    experiment.videos.set(shown)
    record_act("experiment", experiment.slug, "draft", after=standing(experiment), why=why)
    return experiment


def start(experiment: Experiment, *, ramp: float = 1.0, why: str = "") -> None:
    """Start a draft: from now on its arms are served.

    Args:
        experiment: a draft.
        ramp: share of the units that take part at first.
        why: the reason, for the audit log.

    Raises:
        InvalidValuesError: for a value that cannot be.
        StateError: where it is no draft, no video has a thumbnail for every arm, or its slice of
            a layer is taken.
    """
    with recorded(experiment, "start", why):
        _lock_starts()
        must_be(experiment, DRAFT, to="be started: an experiment starts once")
        design = Design.of(experiment)
        indexes = list(experiment.arms.values_list("index", flat=True))
        refuse(design.problems(experiment) | named("arms", indexes_problem(indexes)))
        refuse(named("ramp", ramp_problem(ramp)))
        refuse(named("videos", creatives_problem(experiment.videos.all(), design.arms)))
        must_have_thumbnails(experiment, design.arms)
        must_have_its_slice(experiment)
        experiment.state, experiment.started_at = RUNNING, database_now()
        experiment.planned_end = _planned_end(experiment.started_at, design.planned_days)
        experiment.save(update_fields=["state", "started_at", "planned_end"])
        allocation_phases.start(experiment, ramp=ramp)


def mark_as_trial(experiment: Experiment, *, why: str = "") -> None:
    """Say of a draft that its viewers will be simulated; every page and report repeats it.

    Raises:
        StateError: where it is no draft.
    """
    with recorded(experiment, "mark as trial", why):
        must_be(experiment, DRAFT, to="become a trial: its viewers would be mixed with real ones")
        experiment.simulated = TRIAL
        experiment.save(update_fields=["simulated"])


def leave_out_equal(experiment: Experiment, *, why: str = "") -> int:
    """Take the videos out of a draft on which two arms show the same shots; return how many.

    Raises:
        StateError: where it is no draft.
    """
    with recorded(experiment, "leave out videos", why):
        must_be(experiment, DRAFT, to="lose videos")
        slugs = {each.video for each in equal_arms(experiment)}
        experiment.videos.remove(*experiment.videos.filter(slug__in=slugs))
        return len(slugs)


@transaction.atomic
def launch(
    design: Design, *, ramp: float = 1.0, with_equal: bool = True, why: str = ""
) -> Experiment:
    """Draft and start an experiment over every video that has a thumbnail for each arm.

    Args:
        design: all that it says.
        ramp: share of the units that take part at first.
        with_equal: also over the videos on which two arms show the same shots.
        why: the reason, for the audit log.

    Raises:
        InvalidValuesError, StateError: as `draft` and `start`; nothing is left behind.
    """
    experiment = draft(design, why=why)
    if not with_equal:
        leave_out_equal(experiment, why=why)
    start(experiment, ramp=ramp, why=why)
    return experiment


def change(
    experiment: Experiment,
    *,
    weights: Mapping[str, float] | None = None,
    ramp: float | None = None,
    why: str = "",
) -> Phase:
    """Change the weights or the ramp of a running experiment: its next phase begins.

    Args:
        experiment: one that runs.
        weights: weight of every arm by its name; None leaves them.
        ramp: share of the units that take part; None leaves it.
        why: the reason, for the audit log.

    Raises:
        InvalidValuesError: for a value that cannot be, or where nothing is to change.
        StateError: where it does not run.
    """
    with recorded(experiment, "change", why):
        must_be(experiment, RUNNING, to="be changed")
        if weights is None and ramp is None:
            refuse({"weights": "nothing to change: give weights or a ramp"})
        if ramp is not None:
            refuse(named("ramp", ramp_problem(ramp)))
        by_index = None if weights is None else _weigh(experiment, weights)
        return allocation_phases.change(experiment, weights=by_index, ramp=ramp)


def drop(experiment: Experiment, arm: str, *, why: str = "") -> Phase:
    """Give a running experiment's arm no weight from now on; only its units get another arm.

    Raises:
        InvalidValuesError: where there is no such arm, or none would be left to compare.
        StateError: where the experiment does not run.
    """
    with recorded(experiment, "drop arm", why):
        must_be(experiment, RUNNING, to="be changed")
        weights = weights_of(experiment)
        if arm not in weights:
            refuse({"arm": f"arm == {arm!r}, must be one of {', '.join(weights)}"})
        by_index = _weigh(experiment, weights | {arm: 0.0})
        return allocation_phases.change(experiment, weights=by_index)


def add_arm(experiment: Experiment, arm: ArmDesign, *, why: str = "") -> Phase:
    """Let an arm join a running experiment; it takes units from all others in proportion.

    Raises:
        InvalidValuesError: for a value that cannot be, or a name that is taken.
        StateError: where the experiment does not run, or no video of it has the thumbnail.
    """
    with recorded(experiment, "add arm", why):
        must_be(experiment, RUNNING, to="take another arm")
        design = Design.of(experiment)
        refuse(replace(design, arms=(*design.arms, arm)).problems(experiment))
        must_have_thumbnails(experiment, (*design.arms, arm))
        added = Arm.objects.create(
            experiment=experiment, index=len(design.arms), name=arm.name, selector=arm.selector,
            weight=arm.weight,
        )  # fmt: skip
        allocation_phases.add_cells(added)
        by_index = _weigh(experiment, weights_of(experiment))
        return allocation_phases.change(experiment, weights=by_index)


def pause(experiment: Experiment, *, why: str = "") -> None:
    """Serve no arm until the experiment is resumed; what was shown before still counts.

    Raises:
        StateError: where it does not run.
    """
    with recorded(experiment, "pause", why):
        must_be(experiment, RUNNING, to="be paused")
        allocation_phases.end(experiment, database_now())
        experiment.state = PAUSED
        experiment.save(update_fields=["state"])


def resume(experiment: Experiment, *, why: str = "") -> Phase:
    """Go on after a pause: every unit has the arm again that it had.

    Raises:
        StateError: where it is not paused.
    """
    with recorded(experiment, "resume", why):
        must_be(experiment, PAUSED, to="be resumed")
        experiment.state = RUNNING
        experiment.save(update_fields=["state"])
        return allocation_phases.resume(experiment)


def extend(experiment: Experiment, days: int, *, why: str = "") -> None:
    """Put the planned end off, as long as nothing was read at it.

    Raises:
        InvalidValuesError: for a number of days that cannot be.
        StateError: where it is not live, its rule fixes the end, or the end has come.
    """
    with recorded(experiment, "extend", why):
        must_be(experiment, *Experiment.LIVE_STATES, to="be extended")
        must_be_extensible(experiment, database_now())
        planned = (experiment.planned_days or 0) + days
        problem = f"days == {days}, must be 1 to {MAX_DAYS - planned + days}"
        refuse(named("days", "" if days >= 1 and planned <= MAX_DAYS else problem))
        experiment.planned_days = planned
        experiment.planned_end = _planned_end(_started(experiment), planned)
        experiment.save(update_fields=["planned_days", "planned_end"])


def end(experiment: Experiment, *, why: str = "") -> None:
    """End an experiment: it serves no arm from now on, and starts no more.

    Raises:
        StateError: where it neither runs nor is paused.
    """
    with recorded(experiment, "end", why):
        must_be(experiment, *Experiment.LIVE_STATES, to="be ended")
        close(experiment)


def close(experiment: Experiment) -> None:
    """Serve no arm of a live experiment any more: what ends it leaves the entry."""
    now = database_now()
    allocation_phases.end(experiment, now)
    experiment.state, experiment.ended_at = Experiment.State.ENDED, now
    experiment.save(update_fields=["state", "ended_at"])


def _started(experiment: Experiment) -> datetime:
    return experiment.started_at or database_now()


def is_live(slug: str) -> bool:
    """Tell whether an experiment of this slug has started and not ended."""
    return live().filter(slug=slug).exists()


def free_slug(slug: str) -> str:
    """Return the slug with a number where it is taken, so that a study can be run again."""
    if slug_problem(slug):
        return slug
    stem = slug[: SLUG_CHARS - len("-99999")]
    taken = {*Experiment.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
    taken |= TAKEN_BY_PAGES
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return slug if slug not in taken else next(name for name in numbered if name not in taken)


def _lock_starts() -> None:
    """Let other starts wait: two at once could be given the same slice of a layer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [START_LOCK])


def _videos(arms: Sequence[ArmDesign], slugs: Sequence[str] | None) -> QuerySet[Video]:
    if slugs is None:
        return with_thumbnails(Video.objects.all(), arms)
    found = Video.objects.filter(slug__in=slugs)
    unknown = sorted(set(slugs) - set(found.values_list("slug", flat=True)))
    if unknown:
        refuse({"videos": f"there is no video {', '.join(map(repr, unknown[:5]))}"})
    return found


def _planned_end(started_at: datetime, days: int | None) -> datetime | None:
    """Return the midnight (UTC) after so many days; counts are kept by whole days."""
    if days is None:
        return None
    ends = started_at.astimezone(UTC) + timedelta(days=days)
    midnight = ends.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if midnight == ends else midnight + timedelta(days=1)


def _weigh(experiment: Experiment, weights: Mapping[str, float]) -> dict[int, float]:
    """Give the arms weights by their names; return them by index."""
    arms = {arm.name: arm for arm in experiment.arms.order_by("index")}
    if set(weights) != set(arms):
        given = ", ".join(sorted(weights)) or "nothing"
        refuse({"weights": f"weights name {given}, must name every arm: {', '.join(arms)}"})
    refuse(named("weights", weights_problem({name: weights[name] for name in arms})))
    for name, arm in arms.items():
        arm.weight = weights[name]
    Arm.objects.bulk_update(arms.values(), ["weight"])
    return {arm.index: arm.weight for arm in arms.values()}
