"""Decisions: an ended experiment's videos show what was chosen, and a share of units does not.

A decision opens a rollout, which is an experiment of its own: its arms are what is held back and
what is shipped, drawn anew among all units. So the feed serves it like any other, its difference is
measured like any other, and the ended experiment's counts stay as they were. Tests that run on the
same videos come first; what they do not take in, the rollout does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, OuterRef

from experiments.audit import record_act
from experiments.choice import Choice
from experiments.design import NAME_CHARS
from experiments.errors import StateError
from experiments.events.clock import database_now
from experiments.models import Arm, Decision, Experiment, ShippedPicture
from experiments.serving import allocation_phases, lifecycle
from experiments.serving.preconditions import lock, must_be, named, refuse
from experiments.stopping import StoppingRule
from experiments.webhooks.kinds import Kind
from experiments.webhooks.outbox import announce

HOLDBACK, MOST_HELD_BACK = 0.05, 0.5
HELD_BACK, SHIPPED = "held back", "shipped"
KEPT = ("simulated", "unit", "min_views", "level", "margin", "guardrails")


@dataclass(frozen=True, slots=True)
class Shipment:
    """What is to be shipped.

    Attributes:
        choice: of the three.
        arm: its name, of the choice of one arm; of a map, for videos that it does not name.
        pictures: of a map, the name of the arm by primary key of the video.
        holdback: share of the units that see what is held back, from 0 to a half.
        against: the arm that these see; the control unless the control is kept.
        expected_lift: of what is shipped over what is held back; None where it is not known.
    """

    choice: Choice
    arm: str = ""
    pictures: Mapping[int, str] = field(default_factory=dict)
    holdback: float = HOLDBACK
    against: str = ""
    expected_lift: float | None = None


def ship(experiment: Experiment, shipment: Shipment, *, why: str = "") -> Decision:
    """Let the videos of an ended experiment show what was chosen; the feed follows within 5 s.

    Args:
        experiment: an ended one without a decision that stands.
        shipment: what is shipped, and to whom it is not.
        why: the reason, for the audit log.

    Raises:
        InvalidValuesError: for an arm that it does not have, or a share that cannot be.
        StateError: where it has not ended, or is decided already.
    """
    with transaction.atomic():
        lock(experiment)
        must_be(experiment, Experiment.State.ENDED, to="be decided")
        if stands := standing(experiment):
            raise StateError(f"{experiment.slug} is decided: {said(stands)} Take that back first.")
        arms = {arm.name: arm for arm in experiment.arms.order_by("index")}
        refuse(_problems(shipment, arms))
        control, *others = arms.values()
        shipped = control if shipment.choice is Choice.CONTROL else arms[shipment.arm]
        held_back = arms.get(shipment.against, control if shipped is not control else others[0])
        decision = _open(experiment, shipment, shipped, held_back)
        ShippedPicture.objects.bulk_create(
            ShippedPicture(decision=decision, video_id=video, selector=arms[name].selector)
            for video, name in shipment.pictures.items()
        )
        after = {"decision": said(decision)}
        record_act("experiment", experiment.slug, "decide", after=after, why=why)
        announce(Kind.DECISION_SHIPPED, experiment.slug, _told(decision))
        return decision


def _told(decision: Decision) -> dict[str, object]:
    """Return what webhooks are told of a decision."""
    return {
        "choice": decision.choice,
        "arm": decision.shipped,
        "holdback": decision.holdback,
        "sentence": said(decision),
        "rollout": decision.rollout.slug,
    }


def take_back(experiment: Experiment, *, why: str = "") -> None:
    """End what was shipped: the videos show the control again, until it is decided anew.

    Raises:
        StateError: where no decision stands.
    """
    with transaction.atomic():
        lock(experiment)
        decision = standing(experiment)
        if decision is None:
            raise StateError(f"{experiment.slug} has no decision that could be taken back")
        lifecycle.close(decision.rollout)
        before = {"decision": said(decision)}
        record_act("experiment", experiment.slug, "take back decision", before=before, why=why)


def standing(experiment: Experiment) -> Decision | None:
    """Return the decision that holds now, with its rollout; None where there is none."""
    made = Decision.objects.filter(experiment=experiment).select_related("rollout")
    return made.filter(rollout__state__in=Experiment.LIVE_STATES).first()


def standing_exists() -> Exists:
    """Return, for a query of experiments, whether a decision holds now."""
    made = Decision.objects.filter(experiment=OuterRef("pk"))
    return Exists(made.filter(rollout__state__in=Experiment.LIVE_STATES))


def mapped(rollout: Experiment) -> dict[int, str]:
    """Return what a rollout ships of each video that its map names, by the video's primary key."""
    pictures = ShippedPicture.objects.filter(decision__rollout=rollout)
    return dict(pictures.values_list("video", "selector"))


def said(decision: Decision) -> str:
    """Return a decision as a sentence."""
    what = {
        Choice.ARM: f"{decision.shipped} is shipped",
        Choice.MAP: "The arm that is best for each video is shipped",
        Choice.CONTROL: f"{decision.shipped}, the control, is kept",
    }[Choice(decision.choice)]
    if not decision.holdback:
        return f"{what}, for everybody."
    return f"{what}; {100 * decision.holdback:.3g} % are held back and see {decision.held_back}."


def _problems(shipment: Shipment, arms: Mapping[str, Arm]) -> dict[str, str]:
    wanted = set() if shipment.choice is Choice.CONTROL else {shipment.arm}
    wanted |= {*shipment.pictures.values(), *filter(None, [shipment.against])}
    unknown = sorted(wanted - set(arms))
    names = ", ".join(arms)
    of_arm = f"arm == {unknown[0]!r}, must be one of {names}" if unknown else ""
    share = shipment.holdback
    of_share = f"holdback == {share}, must be from 0 to {MOST_HELD_BACK}"
    return named("arm", of_arm) | named(
        "holdback", "" if 0 <= share <= MOST_HELD_BACK else of_share
    )


def _open(experiment: Experiment, shipment: Shipment, shipped: Arm, held_back: Arm) -> Decision:
    rollout = Experiment.objects.create(
        slug=lifecycle.free_slug(f"{experiment.slug[:50]}-{SHIPPED}"),
        name=f"{experiment.name[: NAME_CHARS - len(SHIPPED) - 2]}: {SHIPPED}",
        question="Is what was shipped still better than what is held back?",
        state=Experiment.State.RUNNING,
        started_at=database_now(),
        stopping_rule=StoppingRule.ALWAYS_VALID,
        planned_days=None,
        **{name: getattr(experiment, name) for name in KEPT},
    )
    weights = (shipment.holdback, 1 - shipment.holdback)
    Arm.objects.bulk_create(
        Arm(experiment=rollout, index=index, name=name, selector=arm.selector, weight=weight)
        for index, (name, arm, weight) in enumerate(
            zip((HELD_BACK, SHIPPED), (held_back, shipped), weights, strict=True)
        )
    )
    rollout.videos.set(experiment.videos.all())
    allocation_phases.start(rollout)
    return Decision.objects.create(
        experiment=experiment, rollout=rollout, choice=shipment.choice, shipped=shipped.name,
        held_back=held_back.name, holdback=shipment.holdback,
        expected_lift=shipment.expected_lift,
    )  # fmt: skip
