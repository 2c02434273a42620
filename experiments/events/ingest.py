"""Ingest: verified events become rows, each exactly once, before anyone is told so.

One statement stores a batch and notes which hours and videos it touched; both commit together. The
key (impression, step) makes it idempotent, so a client that heard nothing sends the same again. A
click proves that its impression was seen: the viewable row is stored with it, flagged as implied,
unless it is there already.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Final, NamedTuple

import msgspec
from django.conf import settings
from django.db import connection

from experiments.errors import EventsError, TokenError
from experiments.events.cells import cell_of
from experiments.events.clock import now_ms
from experiments.events.event_log import event_log
from experiments.events.group_commit import GroupCommit, Stored
from experiments.events.impressions import Row, View, by_their_views, view_key
from experiments.events.keys import (
    DAY_MS,
    Device,
    Flag,
    event_key,
    key_ms,
    key_step,
    pack_context,
)
from experiments.events.nesting import without_deep_values
from experiments.events.rates import viewer_rate
from experiments.events.receipts import SAMPLE_CHARS, Receipt
from experiments.events.store import event_store
from experiments.events.tokens import Impression, Signer
from experiments.events.user_agents import classify
from experiments.measures import Step

MAX_EVENTS = 500
MAX_WATCHED_S = 24 * 3600.0
TAKEN = "id_taken"  # by another experiment, video, arm or viewer
STEPS: Final = {step.name.lower(): step for step in Step}


class SentEvent(msgspec.Struct, frozen=True, gc=False):
    """One event as a client sends it."""

    token: str
    step: str
    seconds: float | None = None


class _Batch(msgspec.Struct):
    events: list[SentEvent]


class _RawBatch(msgspec.Struct):
    events: list[msgspec.Raw]


class _Sent(NamedTuple):
    """An event that a token proves, as its row, with the token and its experiment."""

    row: Row
    token: str
    experiment: int


_decode_batch = msgspec.json.Decoder(_Batch).decode
_decode_raw_batch = msgspec.json.Decoder(_RawBatch).decode
_decode_event = msgspec.json.Decoder(SentEvent).decode


def receive(body: bytes, user_agent: str) -> Receipt:
    """Store a body's good events, count and sample the others, and say which were which.

    Raises:
        EventsError: where the body as a whole cannot be read; nothing is stored.
        TooFastError: where a viewer sends too much at once; nothing is stored.
        django.db.OperationalError: where the database is away; nothing is acknowledged.
    """
    receipt = Receipt()
    context, now = classify(user_agent), now_ms()
    sent: dict[int, _Sent] = {}
    for event in _parse(body, receipt):
        read = _read(event, context, now, receipt)
        if read is None:
            continue
        known = sent.setdefault(read.row[0], read)
        if known is not read:
            _again(read, known, receipt)
    rows = {key: read.row for key, read in sent.items()}
    viewer_rate.take(Counter(row[1] for row in rows.values()))
    receipt.visits = {(key_ms(key) // DAY_MS, row[1]) for key, row in rows.items()}
    _note(sent, _store_with_others([*rows.values(), *_implied(rows)]), receipt)
    receipt.keep()
    return receipt


def _again(read: "_Sent", known: "_Sent", receipt: Receipt) -> None:
    """Count an event whose key another event of the batch has."""
    if read.row[1:4] == known.row[1:4]:
        receipt.repeat(read.experiment)
    else:
        receipt.reject(TAKEN, read.token, read.experiment)


def _note(sent: Mapping[int, "_Sent"], stored: Stored, receipt: Receipt) -> None:
    """Count what became of the events that were sent; those that clicks imply were not."""
    new, taken = set(stored.new), set(stored.taken)
    for key, read in sent.items():
        if key in new:
            receipt.accepted += 1
        elif key in taken:
            receipt.reject(TAKEN, read.token, read.experiment)
        else:
            receipt.repeat(read.experiment)


def store(rows: Sequence[Row]) -> Stored:
    """Store rows that are not there yet, in one transaction, and say which are new.

    Only a click, or a repeat, asks what is stored of its impression: all else is one statement.
    """
    views = _views(row[0] for row in rows if key_step(row[0]) == Step.CLICK)
    own, taken = by_their_views(rows, views)
    new = event_store().append(own) if own else []
    known = {*new, *views}
    repeated = [row for row in own if row[0] not in known]
    taken += by_their_views(repeated, _views(row[0] for row in repeated))[1]
    return Stored(new, taken)


def _views(keys: Iterable[int]) -> dict[int, View]:
    """Return the stored views of events' impressions, by key."""
    wanted = {view_key(key) for key in keys}
    return {view[0]: view for view in event_store().views(wanted)} if wanted else {}


def _keep(rows: Sequence[Row]) -> Stored:
    """Store rows, or keep them in the event log: what was there before, its drain will find."""
    log = event_log()
    if log is None:
        return store(rows)
    log.append(rows)
    return Stored([row[0] for row in rows], [])


_together: GroupCommit[Row] = GroupCommit(_keep, key=itemgetter(0))


def _store_with_others(rows: Sequence[Row]) -> Stored:
    """Store rows together with those of other threads, unless a caller's transaction holds them."""
    if not rows:
        return Stored([], [])
    return _keep(rows) if connection.in_atomic_block else _together.store(rows)


def _parse(body: bytes, receipt: Receipt) -> Sequence[SentEvent]:
    """Return the readable events of a body; the unreadable ones are counted as malformed."""
    try:
        events: Sequence[SentEvent] = _decode_batch(body).events
    except (msgspec.ValidationError, RecursionError):
        events = _parse_one_by_one(without_deep_values(body), receipt)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EventsError("malformed", f"the body is not JSON: {error}") from error
    _check_count(events)
    return events


def _check_count(events: Sequence[object]) -> None:
    if len(events) > MAX_EVENTS:
        raise EventsError("too_many", f"{len(events)} events, must be at most {MAX_EVENTS}")


def _parse_one_by_one(body: bytes, receipt: Receipt) -> Sequence[SentEvent]:
    try:
        raw_events = _decode_raw_batch(body).events
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise EventsError(
            "malformed", f'the body must look like {{"events": [...]}}: {error}'
        ) from error
    _check_count(raw_events)
    events = []
    for raw in raw_events:
        try:
            events.append(_decode_event(raw))
        except (msgspec.DecodeError, UnicodeDecodeError):  # a raw part was not looked into yet
            receipt.reject("malformed", bytes(raw)[:SAMPLE_CHARS].decode(errors="replace"))
    return events


def _read(
    event: SentEvent, context: tuple[Device, Flag], now: int, receipt: Receipt
) -> _Sent | None:
    """Return what the event proves, or count why it proves nothing."""
    try:
        shown = signer().verify(event.token, now)
        cell = _cell(shown)
    except TokenError as error:
        receipt.reject(error.reason, event.token, error.experiment)
        return None
    step = STEPS.get(event.step)
    if step is None:
        receipt.reject("unknown_step", event.step, shown.experiment)
        return None
    watched_ms = None
    if step is Step.WATCHED:
        if event.seconds is None or not 0 <= event.seconds <= MAX_WATCHED_S:
            receipt.reject("bad_seconds", event.seconds, shown.experiment)
            return None
        watched_ms = round(event.seconds * 1000)
    packed = pack_context(shown.position, *context)
    row = event_key(shown.id, step), shown.viewer, shown.video, cell, packed, watched_ms
    return _Sent(row, event.token, shown.experiment)


def _implied(rows: dict[int, Row]) -> list[Row]:
    """Return the viewable rows that clicks prove and that the batch itself does not hold."""
    implied = pack_context(0, 0, Flag.IMPLIED)
    seen: list[Row] = []
    for key, viewer, video, cell, context, _ in rows.values():
        if key_step(key) == Step.CLICK and (viewable := view_key(key)) not in rows:
            seen.append((viewable, viewer, video, cell, context | implied, None))
    return seen


@cache
def signer() -> Signer:
    """Return what signs and verifies this site's tokens."""
    return Signer(settings.TOKEN_KEYS, settings.TOKEN_LIFETIME_S)


def _cell(shown: Impression) -> int:
    return cell_of(shown.experiment, shown.phase, shown.arm, shown.surface)
