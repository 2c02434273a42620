"""Ingest: verified events become rows, each exactly once, before anyone is told so.

One statement stores a batch and notes which hours and videos it touched; both commit together. The
key (impression, step) makes it idempotent, so a client that heard nothing sends the same again. A
click proves that its impression was seen: the viewable row is stored with it, flagged as implied,
unless it is there already.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final, NamedTuple

import msgspec
from django.conf import settings
from django.db import connection

from experiments.database_away import DATABASE_AWAY
from experiments.errors import EventsError, TokenError
from experiments.events.cells import cell_of
from experiments.events.clock import now_ms
from experiments.events.event_log import event_log
from experiments.events.group_commit import GroupCommit
from experiments.events.impressions import Row, View, by_their_views, view_key
from experiments.events.keys import (
    DAY_MS,
    MAX_POSITION,
    Flag,
    first_key,
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
# An enumeration's member is slow.
_CODES = {name: int(step) for name, step in STEPS.items()}
_CLICK, _WATCHED = int(Step.CLICK), int(Step.WATCHED)
_DAY_KEYS = first_key(DAY_MS)


class SentEvent(msgspec.Struct, frozen=True, gc=False):
    """One event as a client sends it."""

    token: str
    step: str
    seconds: float | None = None


class _Batch(msgspec.Struct):
    events: list[SentEvent]


class _RawBatch(msgspec.Struct):
    events: list[msgspec.Raw]


class Stored(NamedTuple):
    """What became of rows; every other one was stored before.

    Attributes:
        new: keys of the rows that are stored now.
        taken: keys of the rows that are refused, because their impression is another's.
    """

    new: list[int]
    taken: list[int]


# An event that a token proves: its row, token, experiment and receipt.
_Sent = tuple[Row, str, int, Receipt]
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
    sent = body, user_agent
    # A caller's transaction is its thread's own.
    outcome = _take([sent])[0] if connection.in_atomic_block else _together.do(sent)
    if isinstance(outcome, Exception):
        raise outcome
    outcome.keep()
    return outcome


def _take(bodies: Sequence[tuple[bytes, str]]) -> list[Receipt | Exception]:
    """Store the good events of several bodies; say of each what became of it."""
    now, sent = now_ms(), dict[int, _Sent]()
    outcomes = [_add(body, user_agent, now, sent) for body, user_agent in bodies]
    if sent:
        rows = [read[0] for read in sent.values()]
        _note(sent, _keep([*rows, *_implied(sent)]))
    return outcomes


def _add(body: bytes, user_agent: str, now: int, sent: dict[int, _Sent]) -> Receipt | Exception:
    """Add a body's events to those of others; where it is refused, that is its own affair."""
    receipt = Receipt()
    try:
        own = _read_all(_parse(body, receipt), pack_context(0, *classify(user_agent)), now, receipt)
        viewer_rate.take(Counter([read[0][1] for read in own.values()]))
    except DATABASE_AWAY:
        raise  # to all: nothing can be stored
    except Exception as error:  # noqa: BLE001  raised in the thread that brought it
        return error
    receipt.visits = {(key // _DAY_KEYS, read[0][1]) for key, read in own.items()}
    for key in sent.keys() & own:
        _again(own.pop(key), sent[key])
    sent |= own
    return receipt


def _read_all(
    events: Sequence[SentEvent], context: int, now: int, receipt: Receipt
) -> dict[int, _Sent]:
    """Return what events prove, by key; each key once."""
    sent: dict[int, _Sent] = {}
    proofs = signer().verify_all([event.token for event in events], now)
    for event, proof in zip(events, proofs, strict=True):
        read = _read(event, proof, context, receipt)
        if read is None:
            continue
        known = sent.setdefault(read[0][0], read)
        if known is not read:
            _again(read, known)
    return sent


def _again(read: _Sent, known: _Sent) -> None:
    """Count an event whose key another one has."""
    row, token, experiment, receipt = read
    if row[1:4] == known[0][1:4]:
        receipt.repeat(experiment)
    else:
        receipt.reject(TAKEN, token, experiment)


def _note(sent: Mapping[int, _Sent], stored: Stored) -> None:
    """Count what became of the events that were sent; those that clicks imply were not."""
    new, taken = set(stored.new), set(stored.taken)
    for key, (_, token, experiment, receipt) in sent.items():
        if key in new:
            receipt.accepted += 1
        elif key in taken:
            receipt.reject(TAKEN, token, experiment)
        else:
            receipt.repeat(experiment)


def store(rows: Sequence[Row]) -> Stored:
    """Store rows that are not there yet, in one transaction, and say which are new.

    Only a click, or a repeat, asks what is stored of its impression: all else is one statement.
    """
    views = _views([row[0] for row in rows if key_step(row[0]) == _CLICK])
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


_together: GroupCommit[tuple[bytes, str], Receipt | Exception] = GroupCommit(_take)


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
    event: SentEvent, shown: Impression | TokenError, context: int, receipt: Receipt
) -> _Sent | None:
    """Return what the event says of what its token proves, or count why it says nothing."""
    try:
        if isinstance(shown, TokenError):
            raise shown
        cell = cell_of(shown.experiment, shown.phase, shown.arm, shown.surface)
    except TokenError as error:
        receipt.reject(error.reason, event.token, error.experiment)
        return None
    step = _CODES.get(event.step)
    if step is None:
        receipt.reject("unknown_step", event.step, shown.experiment)
        return None
    watched_ms = None
    if step == _WATCHED:
        if event.seconds is None or not 0 <= event.seconds <= MAX_WATCHED_S:
            receipt.reject("bad_seconds", event.seconds, shown.experiment)
            return None
        watched_ms = round(event.seconds * 1000)
    packed = context | min(shown.position, MAX_POSITION)
    row = shown.id | step, shown.viewer, shown.video, cell, packed, watched_ms
    return row, event.token, shown.experiment, receipt


def _implied(sent: Mapping[int, _Sent]) -> list[Row]:
    """Return the viewable rows that clicks prove and that no view among them tells."""
    implied = pack_context(0, 0, Flag.IMPLIED)
    seen: list[Row] = []
    for key in [key for key in sent if key_step(key) == _CLICK]:
        if (viewable := view_key(key)) not in sent:
            _, viewer, video, cell, context, _ = sent[key][0]
            seen.append((viewable, viewer, video, cell, context | implied, None))
    return seen


@cache
def signer() -> Signer:
    """Return what signs and verifies this site's tokens."""
    return Signer(settings.TOKEN_KEYS, settings.TOKEN_LIFETIME_S)
