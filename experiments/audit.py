"""The audit log: who did what, by which door, and why.

An act calls `record_act` in its own transaction: the entry is there exactly where the act was done.
Who acts is said once, by the door (`acting`), so that no act has to be told.
"""

import os
import pwd
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from experiments.door import Door
from experiments.models import AuditEntry

SEARCHED = ("who", "subject", "act", "why")


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, by the name of an account, and the door that they came by."""

    who: str
    door: Door


@contextmanager
def acting(who: Callable[[], Actor]) -> Iterator[None]:
    """Say who does what is done inside; asked only where something is recorded."""
    token = _actor.set(who)
    try:
        yield
    finally:
        _actor.reset(token)


def actor() -> Actor:
    """Return who acts now, and by which door."""
    return _actor.get()()


def latest(kind: str, subject: str) -> AuditEntry | None:
    """Return the last act on something; None where nothing was ever done to it."""
    return AuditEntry.objects.filter(kind=kind, subject=subject).first()


def latest_key(kind: str, subject: OuterRef) -> Subquery:
    """Return, for a query of things, the last act's key on each; None where there is none."""
    entries = AuditEntry.objects.filter(kind=kind, subject=subject).order_by("-pk")
    return Subquery(entries.values("pk")[:1])


def found(words: str, *, kind: str = "", door: str = "") -> QuerySet[AuditEntry]:
    """Return the entries that have each of the words anywhere, the latest first.

    Args:
        words: parts of an account's name, a slug, an act or a reason.
        kind: only of acts on such things; "" for all.
        door: only of acts that came this way; "" for all.
    """
    entries = AuditEntry.objects.all()
    for word in words.split():
        named = (Q(**{f"{field}__icontains": word}) for field in SEARCHED)
        entries = entries.filter(reduce(or_, named))
    entries = entries.filter(kind=kind) if kind else entries
    return entries.filter(door=door) if door else entries


def record_act(
    kind: str,
    subject: str,
    act: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    why: str = "",
) -> None:
    """Leave an entry; call it in the transaction of the act.

    Args:
        kind: of what is acted on, as "experiment" or "video".
        subject: its slug.
        act: a verb and what goes with it, as "start" or "change shares".
        before: what can change, as it was; only what differs from `after` is kept.
        after: the same as it is now.
        why: the reason given.
    """
    old, new = dict(before or {}), dict(after or {})
    same = {name for name in old if name in new and old[name] == new[name]}
    acts = actor()
    AuditEntry.objects.create(
        who=acts.who,
        door=acts.door,
        kind=kind,
        subject=subject,
        act=act,
        before={name: value for name, value in old.items() if name not in same},
        after={name: value for name, value in new.items() if name not in same},
        why=why.strip(),
    )


def _at_the_command_line() -> Actor:
    """Return the machine's user: whatever comes by no other door is a command of theirs."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's number without a name
        name = f"user {os.getuid()}"
    return Actor(name, Door.COMMAND)


_actor: ContextVar[Callable[[], Actor]] = ContextVar("actor", default=_at_the_command_line)
