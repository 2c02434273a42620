"""Blocks of ids: a number that one owner alone may put into ids for a span of time."""

from dataclasses import dataclass

from django.db import connection, transaction

from experiments.advisory_locks import BLOCK_LOCK
from experiments.errors import ExperimentError, NotReadyError
from experiments.events.keys import BLOCKS, END_MS
from experiments.models import IdBlock


@dataclass(frozen=True, slots=True)
class Block:
    """A block number that its owner alone may put into ids from ``from_ms`` to ``until_ms``."""

    number: int
    from_ms: int
    until_ms: int


def lease_block(from_ms: int, until_ms: int, owner: str) -> Block:
    """Return a block number that no one else holds in [from_ms, until_ms).

    The same owner gets the same block again, so that an interrupted load can go on.

    Raises:
        ExperimentError: for an empty span, or an owner that holds another one.
        NotReadyError: where all block numbers of that time are taken.
    """
    if not 0 <= from_ms < until_ms <= END_MS:
        raise ExperimentError(f"span == [{from_ms}, {until_ms}), must be within [0, {END_MS})")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [BLOCK_LOCK])
        held = IdBlock.objects.filter(owner=owner).first()
        if held is None:
            held = IdBlock.objects.create(
                number=_free_number(from_ms, until_ms),
                from_ms=from_ms,
                until_ms=until_ms,
                owner=owner,
            )
    if (held.from_ms, held.until_ms) != (from_ms, until_ms):
        raise ExperimentError(
            f"{owner!r} holds a block of [{held.from_ms}, {held.until_ms}), "
            "must ask for the same span or under another name"
        )
    return Block(held.number, from_ms, until_ms)


def _free_number(from_ms: int, until_ms: int) -> int:
    taken = set(
        IdBlock.objects.filter(from_ms__lt=until_ms, until_ms__gt=from_ms).values_list(
            "number", flat=True
        )
    )
    free = next((number for number in range(BLOCKS) if number not in taken), None)
    if free is None:
        raise NotReadyError(f"all {BLOCKS} block numbers of this time are taken; try again later")
    return free
