"""A trial: an experiment whose viewers are simulated, sent by a worker of a development site.

They go through the same feed, tokens and ingest as real ones, without HTTP between, so that a
newcomer sees a whole test in minutes. What they click is drawn from the click model; which arm each
gets is up to the feed.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from experiments.audit import record_act
from experiments.errors import CoverliftError, InvalidValuesError, StateError
from experiments.events import ingest
from experiments.models import Experiment, SimulatedTraffic
from experiments.paper import TABLE_3
from experiments.serving import feed
from experiments.studies.simulation.click_model import ClickModel, draw_population
from experiments.studies.simulation.visits import Audience, Shown, SimulatedEvent, Visit

MAX_VIEWERS = 50_000
MAX_S = 120.0  # then the group ends, however many have come
TURN_S = 4.0  # of one task: then others have their turn, such as thumbnails
LARGEST_LIFT = 1.0
EFFECT_SD = 0.05  # a fifth of the pilot's: three videos would else leave the outcome to luck
BATCH = 50  # viewers whose reports are stored together
USER_AGENT = "Mozilla/5.0 (simulated)"
State = SimulatedTraffic.State


def problem(experiment: Experiment) -> str:
    """Return why an experiment can be sent no simulated viewers now; "" where it can."""
    if settings.PRODUCTION:
        return "this site is in production: simulated viewers are for a development site"
    if not experiment.simulated:
        return (
            f"{experiment.slug} has real viewers, and simulated ones would spoil its counts: mark "
            "an experiment as a trial while it is a draft"
        )
    if experiment.state != Experiment.State.RUNNING:
        return f"{experiment.slug} is {experiment.state}, must be running to be sent viewers"
    return ""


def ask(experiment: Experiment, *, viewers: int, lift: float) -> SimulatedTraffic:
    """Note a group of simulated viewers, for a worker to send.

    Args:
        experiment: a running trial.
        viewers: how many are to come, 1 to `MAX_VIEWERS`.
        lift: of the last arm's click rate over the control's, 0 to `LARGEST_LIFT`; the arms between
            lie evenly between.

    Raises:
        InvalidValuesError: for a number that cannot be.
        StateError: see `problem`; or where a group is still on its way.
    """
    problems = {}
    if not 1 <= viewers <= MAX_VIEWERS:
        problems["viewers"] = f"viewers == {viewers}, must be 1 to {MAX_VIEWERS}"
    if not 0 <= lift <= LARGEST_LIFT:
        problems["lift"] = f"lift == {lift}, must be 0 to {LARGEST_LIFT:g}"
    if problems:
        raise InvalidValuesError(problems)
    if said := problem(experiment):
        raise StateError(said)
    try:
        with transaction.atomic():
            asked = SimulatedTraffic.objects.create(
                experiment=experiment, viewers=viewers, lift=lift
            )
            said_after = {"viewers": viewers, "lift": lift}
            record_act("experiment", experiment.slug, "send simulated viewers", after=said_after)
    except IntegrityError as error:
        raise StateError(f"{experiment.slug} is still being sent viewers: wait for them") from error
    return asked


def send(asked: SimulatedTraffic, now_s: Callable[[], float] = time.monotonic) -> bool:
    """Send some of a group of viewers, from where it stands; tell whether there are more to send.

    A group is bounded in time, too.

    Raises:
        Exception: whatever is neither the experiment's state nor the time, after it was noted.
    """
    if asked.state not in SimulatedTraffic.UNFINISHED:
        return False
    _note(asked, State.SENDING)
    began_s = now_s()
    try:
        message = _send_some(asked, began_s, now_s)
    except CoverliftError as error:
        give_up(asked, str(error))
    except Exception as error:
        give_up(asked, str(error) or repr(error))
        raise
    else:
        asked.took_s += now_s() - began_s
        if asked.sent < asked.viewers and not message:
            message = _over(asked.took_s)
            _note(asked, State.DONE if message else State.SENDING, message)
            return not message
        _note(asked, State.DONE, message)
    return False


def _over(took_s: float) -> str:
    return f"{MAX_S:.0f} s were over: send the rest as another group" if took_s > MAX_S else ""


def give_up(asked: SimulatedTraffic, message: str) -> None:
    """Note that a group is not sent on, and why."""
    _note(asked, State.FAILED, message)


def _send_some(asked: SimulatedTraffic, began_s: float, now_s: Callable[[], float]) -> str:
    """Send for one turn; return why no more can be sent, "" where nothing stands against it."""
    feed.refresh()  # this process may not know of the experiment yet
    audience = _audience(asked)
    while asked.sent < asked.viewers:
        asked.experiment.refresh_from_db()
        if said := problem(asked.experiment):
            return said
        first = asked.sent
        group = [
            _visit(audience, asked.experiment, viewer)
            for viewer in range(first, min(first + BATCH, asked.viewers))
        ]
        _report(group)
        asked.sent += len(group)
        asked.views += sum(each.views.total() for each in group)
        asked.clicks += sum(each.clicks.total() for each in group)
        asked.save(update_fields=["sent", "views", "clicks"])
        if now_s() - began_s > TURN_S:
            break
    return ""


def _audience(asked: SimulatedTraffic) -> Audience:
    experiment = asked.experiment
    slugs = list(experiment.videos.order_by("pk").values_list("slug", flat=True))
    model = ClickModel(rates(experiment.arms.count(), asked.lift), effect_sd=EFFECT_SD)
    population = draw_population(model, len(slugs), asked.viewers, range(len(slugs)), asked.pk)
    return Audience(population, {slug: number for number, slug in enumerate(slugs)}, asked.pk)


def _visit(audience: Audience, experiment: Experiment, viewer: int) -> Visit:
    """Let one viewer look at a page of the feed."""
    page = feed.slots(audience.name(viewer), count=feed.MAX_SLOTS, experiment=experiment.slug)
    shown = [
        Shown(slot.token, slot.video.slug, slot.arm, slot.position,
              slot.thumbnail.media_type == "image/gif")
        for slot in page.slots
        if slot.token is not None and slot.arm is not None and slot.video.slug in audience.videos
    ]  # fmt: skip
    return audience.visit(viewer, len(page.slots), shown)


def rates(arms: int, lift: float) -> tuple[float, ...]:
    """Return each arm's mean click rate: the paper's control's, then evenly up to the lift."""
    control = TABLE_3["raw"].mean_ctr
    return tuple(control * (1 + lift * index / (arms - 1)) for index in range(arms))


def _report(group: Sequence[Visit]) -> None:
    """Store what viewers did, as the feed's script would send it: some reports go out twice."""
    again = [each for each in group if each.is_sent_twice]
    for visits in (group, again):
        for body in _bodies([event for each in visits for event in each.events]):
            ingest.receive(body, USER_AGENT)


def _bodies(events: Sequence[SimulatedEvent]) -> Iterator[bytes]:
    for start in range(0, len(events), ingest.MAX_EVENTS):
        batch = events[start : start + ingest.MAX_EVENTS]
        yield json.dumps({"events": batch}).encode()


def _note(asked: SimulatedTraffic, state: State, message: str = "") -> None:
    asked.state, asked.message = state, message
    if state not in SimulatedTraffic.UNFINISHED:
        asked.ended_at = timezone.now()
    asked.save(update_fields=["state", "message", "ended_at", "took_s"])
