"""Events go from the door to the log, and from there to the store, each once."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from experiments.errors import NotReadyError
from experiments.events import event_log as module
from experiments.events import ingest
from experiments.events.draining import Drained, drain_block
from experiments.events.event_log import EventLog
from experiments.events.rollup import roll_up
from experiments.measures import Step
from experiments.models import DayCount, Event, Rejection
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment
from tests.nats_servers import nats_servers

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with nats_servers(tmp_path_factory.mktemp("nats")) as (server,):
        yield server.url


@pytest.fixture
def log(address: str, settings: Any) -> Iterator[EventLog]:
    settings.EVENT_LOG = [address]
    module.event_log.cache_clear()
    opened = module.event_log()
    assert opened is not None
    while (left := opened.next_block()) is not None:
        opened.take_away(left)
    yield opened
    opened.close()
    module.event_log.cache_clear()


def events_of_three(log: EventLog) -> int:
    """Let three viewers see and click; return how many events the log then has."""
    make_experiment(videos=3)
    for viewer in range(3):
        visit(f"v{viewer}", clicks=lambda slot: slot.position == 0)
    block = log.next_block()
    assert block is not None
    return len(block.rows)


def views_and_clicks() -> tuple[int, int]:
    rows = DayCount.objects.values_list("views", "clicks")
    return sum(views or 0 for views, _ in rows), sum(clicks or 0 for _, clicks in rows)


def test_the_door_answers_when_the_log_has_them_and_drain_stores_them(
    log: EventLog, settings: Any, tmp_path: Path
) -> None:
    settings.HEARTBEAT = tmp_path / "heartbeat"
    sent = events_of_three(log)
    assert Event.objects.count() == 0
    call_command("drain")
    assert settings.HEARTBEAT.exists()
    assert Event.objects.count() == sent
    roll_up()
    assert views_and_clicks() == (9, 3)
    assert drain_block(log) is None


@pytest.mark.parametrize("killed", ["before", "after"])
def test_a_drain_that_is_killed_begins_with_the_same_block(
    killed: str, log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = events_of_three(log)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*{"before": (ingest, "store"), "after": (log, "take_away")}[killed], die)
        with pytest.raises(KeyboardInterrupt):
            drain_block(log)
    assert Event.objects.count() == (0 if killed == "before" else sent)
    roll_up()
    assert drain_block(log) == Drained(sent, sent if killed == "before" else 0, 0)
    roll_up()
    assert (Event.objects.count(), *views_and_clicks()) == (sent, 9, 3)
    assert drain_block(log) is None


def test_what_is_sent_again_is_accepted_and_counts_once(log: EventLog) -> None:
    make_experiment(videos=2)
    slots = visit("v")
    body = json.dumps({"events": [{"token": slot.token, "step": "viewable"} for slot in slots]})
    receipt = ingest.receive(body.encode(), "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0")
    assert (receipt.accepted, receipt.duplicate) == (2, 0)
    call_command("drain")
    roll_up()
    assert views_and_clicks()[0] == 2


def test_an_event_of_an_impression_that_is_anothers_is_refused_by_the_drain(log: EventLog) -> None:
    events_of_three(log)
    call_command("drain")
    view = Event.objects.order_by("key").last()
    assert view is not None
    click = view.key + Step.CLICK - Step.VIEWABLE
    log.append([(click, view.viewer + 1, view.video, view.cell, view.context, None)])
    assert drain_block(log) == Drained(1, 0, 1)
    assert Rejection.objects.get(reason=ingest.TAKEN).events == 1


def test_without_a_log_there_is_nothing_to_drain(settings: Any) -> None:
    settings.EVENT_LOG = []
    module.event_log.cache_clear()
    with pytest.raises(CommandError, match="COVERLIFT_EVENT_LOG names no event log"):
        call_command("drain")


def test_once_asked_it_says_that_the_log_is_away(
    log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_away() -> None:
        raise NotReadyError("the event log does not answer")

    monkeypatch.setattr(log, "next_block", is_away)
    with pytest.raises(CommandError, match="does not answer"):
        call_command("drain")
