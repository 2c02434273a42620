"""Events become rows once, whatever is sent and in whatever order."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as HypothesisTestCase

from experiments.errors import EventsError, TooFastError
from experiments.events import ingest
from experiments.events.clock import now_ms
from experiments.events.ingest import receive, signer
from experiments.events.keys import (
    DAY_MS,
    Device,
    Flag,
    context_device,
    context_flags,
    context_position,
    impression_id,
    key_step,
)
from experiments.events.rates import viewer_rate
from experiments.events.receipts import Receipt
from experiments.events.tokens import Impression, Signer
from experiments.measures import Step
from experiments.models import Event, Experiment, Rejection
from experiments.serving import allocation_phases, feed
from tests.experiments.beacons import event, send
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def token_at(experiment: int, ms: int, arm: int = 0) -> str:
    return signer().sign(Impression(impression_id(ms, 1023, 5), 1, 1, experiment, 1, arm, 3, 1 / 3))


def tokens(viewer: str = "ann") -> list[str]:
    return [slot.token for slot in feed.slots(viewer).slots if slot.token]


def arrivals() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT unnest(hours) FROM experiments_arrival")
        return [hour for (hour,) in cursor.fetchall()]


def test_a_row_holds_what_the_token_says() -> None:
    experiment = make_experiment(videos=1)
    slot = feed.slots("ann", page=0).slots[0]
    receipt = send(event(slot.token))
    assert receipt.as_json() == {"accepted": 1, "duplicate": 0, "rejected": {}}
    row = Event.objects.get()
    shown = signer().verify(slot.token or "", now_ms())
    assert (row.key, row.viewer, row.video) == (shown.id | Step.VIEWABLE, shown.viewer, shown.video)
    assert row.cell == allocation_phases.cells(experiment)[shown.arm]
    assert context_position(row.context) == shown.position
    assert context_device(row.context) == Device.DESKTOP
    assert context_flags(row.context) == 0
    assert len(arrivals()) == 1


def test_sent_again_is_counted_once() -> None:
    make_experiment()
    batch = [event(token) for token in tokens()]
    assert send(*batch).accepted == 3
    again = send(*batch, *batch[:1])
    assert (again.accepted, again.duplicate) == (0, 4)
    assert Event.objects.count() == 3
    assert len(arrivals()) == 1
    assert Rejection.objects.get().reason == "duplicate"


def test_a_click_proves_that_it_was_seen() -> None:
    make_experiment(videos=1)
    (token,) = tokens()
    assert send(event(token, "click")).accepted == 1
    viewable, click = Event.objects.order_by("key")
    assert (key_step(viewable.key), key_step(click.key)) == (Step.VIEWABLE, Step.CLICK)
    assert context_flags(viewable.context) == Flag.IMPLIED
    assert send(event(token)).duplicate == 1
    assert Event.objects.count() == 2


def test_a_click_with_its_viewable_is_not_implied() -> None:
    make_experiment(videos=1)
    (token,) = tokens()
    assert send(event(token, "click"), event(token)).accepted == 2
    assert {context_flags(row.context) for row in Event.objects.all()} == {0}


def test_watched_keeps_its_time_and_all_steps_are_apart() -> None:
    make_experiment(videos=1)
    (token,) = tokens()
    batch = [event(token, step) for step in ingest.STEPS if step != "watched"]
    assert send(*batch, event(token, "watched", seconds=12.3456)).accepted == len(ingest.STEPS)
    assert Event.objects.get(watched_ms__isnull=False).watched_ms == 12_346


def test_programs_are_flagged_not_dropped() -> None:
    make_experiment(videos=1)
    assert send(event(tokens()[0]), agent="curl/8.5").accepted == 1
    assert context_flags(Event.objects.get().context) == Flag.BOT_AGENT


def test_good_events_of_a_mixed_batch_are_kept() -> None:
    experiment = make_experiment(videos=1)
    (token,) = tokens()
    old = token_at(experiment.pk, now_ms() - 40 * 3_600_000)
    receipt = send(
        event(token), event(token[:-1] + "!"), event(token[:30]), event("9" + token[1:]),
        event(old), event(token_at(experiment.pk, now_ms() + DAY_MS)),
        event(Signer(["1:other site"], 60).sign(signer().verify(token, now_ms()))),
        event(token_at(2**31 - 1, now_ms())),
        event(token_at(experiment.pk, now_ms(), arm=7)), event(token, "hover"),
        event(token, "watched"), event(token, "watched", seconds=-1), event(None),
        event(token, seconds="ten"),
    )  # fmt: skip
    assert receipt.accepted == 1
    assert receipt.rejected == {
        "malformed": 3, "truncated": 1, "unknown_key": 1, "expired": 1, "future": 1, "forged": 1,
        "unknown_experiment": 2, "unknown_step": 1, "bad_seconds": 2,
    }  # fmt: skip
    kept = dict(Rejection.objects.values_list("reason", "events"))
    assert kept == receipt.rejected
    assert Rejection.objects.get(reason="unknown_step").sample == "hover"


@pytest.mark.parametrize(
    "deep", [b"[" * 5_000 + b"]" * 5_000, b'{"a":' * 5_000 + b"1" + b"}" * 5_000]
)
def test_an_event_nested_too_deeply_rejects_itself_alone(deep: bytes) -> None:
    make_experiment(videos=1)
    good = json.dumps(event(*tokens())).encode()
    receipt = receive(b'{"events": [%s, %s, 1]}' % (deep, good), BROWSER)
    assert (receipt.accepted, receipt.rejected) == (1, {"malformed": 2})


def test_a_late_event_lands_in_its_own_day() -> None:
    experiment = make_experiment(videos=1)
    late = now_ms() - 30 * 3_600_000
    assert send(event(token_at(experiment.pk, late))).accepted == 1
    assert arrivals() == [late // 3_600_000]


def test_a_missing_partition_is_made() -> None:
    experiment = make_experiment(videos=1)
    when = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS experiments_event_{when:%Y%m%d}")
    assert send(event(token_at(experiment.pk, now_ms()))).accepted == 1


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "malformed"), (b"{", "malformed"), (b"[]", "malformed"), (b"\xff\xfe", "malformed"),
        (b'{"events": 3}', "malformed"), (b'{"events": [NaN]}', "malformed"),
        (b'{"events": [{"token": "\xff"}]}', "malformed"), (b"[" * 100_000, "malformed"),
        (b'{"events": [' + b",".join([b"1"] * 501) + b"]}", "too_many"),
    ],
)  # fmt: skip
def test_unreadable_bodies_are_refused_whole(body: bytes, reason: str) -> None:
    with pytest.raises(EventsError) as caught:
        receive(body, BROWSER)
    assert caught.value.reason == reason
    assert not Event.objects.exists()


def body(*events: object) -> bytes:
    return json.dumps({"events": events}).encode()


def test_bodies_that_are_taken_together_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    make_experiment(videos=3)
    first, second, third = tokens()
    too_fast = body(*[event(token) for token in tokens("bob")])

    def take(viewers: Counter[int]) -> None:
        if signer().verify(first, now_ms()).viewer not in viewers:
            raise TooFastError(7)

    monkeypatch.setattr(viewer_rate, "take", take)
    told = ingest._take([
        (body(event(first), event(second, "hover")), BROWSER), (b"{", BROWSER),
        (body(event(first), event(third, "click")), "curl/8.5"), (too_fast, BROWSER),
    ])  # fmt: skip
    one, unreadable, other, too_many = told
    assert isinstance(one, Receipt)
    assert isinstance(other, Receipt)
    assert one.as_json() == {"accepted": 1, "duplicate": 0, "rejected": {"unknown_step": 1}}
    assert other.as_json() == {"accepted": 1, "duplicate": 1, "rejected": {}}
    assert isinstance(unreadable, EventsError)
    assert isinstance(too_many, TooFastError)
    flags = {row.key & 7: context_flags(row.context) for row in Event.objects.order_by("-key")}
    assert Event.objects.count() == 3
    assert flags[Step.CLICK] == Flag.BOT_AGENT


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
STEP = st.sampled_from([*ingest.STEPS, "hover", ""])


class TestAnyBatch(HypothesisTestCase):
    """gross = accepted + duplicate + rejected, and rows = accepted, for whatever is sent."""

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_every_event_is_accounted_for(self, data: st.DataObject) -> None:
        make_experiment(slug=f"e{Experiment.objects.count()}")
        good = tokens("ann")
        odd = st.sampled_from(good).map(lambda t: t[:-1]) | st.text()
        events = st.lists(
            st.builds(event, st.sampled_from(good) | odd, STEP, seconds=st.none() | st.floats(
                allow_nan=False, allow_infinity=False) | st.text(max_size=2))
            | JSON,
            max_size=12,
        )  # fmt: skip
        total: Counter[str] = Counter()
        sent = data.draw(events)
        before = Event.objects.count()
        for batch in (sent, sent[::-1]):
            receipt = send(*batch)
            total += Counter(accepted=receipt.accepted, duplicate=receipt.duplicate)
            total["rejected"] += receipt.rejected.total()
        assert total.total() == 2 * len(sent)
        stored = Event.objects.count() - before
        implied = Event.objects.filter(context__gte=int(Flag.IMPLIED) << 10).count()
        assert total["accepted"] == stored - implied


def test_a_good_batch_takes_one_statement(tmp_path: Path) -> None:
    make_experiment(weights=(1.0,))
    batch = [event(token) for token in tokens()]
    send(event(tokens("warm")[0]))  # learns the only cell
    driver = connection.connection.pgconn
    with (tmp_path / "sent").open("wb") as file:
        driver.trace(file.fileno())
        send(*batch)
        driver.untrace()
    sent = re.findall(r"\tF\t\d+\t(Query|Parse|Bind)\t (.*)", (tmp_path / "sent").read_text())
    # The connection has it prepared. The test's own transaction adds a savepoint around it.
    assert [kind for kind, _ in sent] == ["Query", "Bind", "Query"], sent


def test_a_text_that_is_no_utf_8_behind_a_wrong_event_spoils_its_own_event_alone() -> None:
    make_experiment(videos=1)
    (slot, *_) = feed.slots("ann", count=1).slots
    good = json.dumps({"token": slot.token, "step": "viewable"}).encode()
    body = b'{"events": [%b, {"token": 2}, {"token": "\xb4", "step": "click"}]}' % good
    receipt = receive(body, BROWSER)
    assert (receipt.accepted, dict(receipt.rejected)) == (1, {"malformed": 2})
