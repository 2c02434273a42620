"""Draining: blocks of the event log are stored, and then taken away from it.

Killed before a block is stored, after it, or while it is taken away, the next drain begins with
the same block: each key is stored once, and the block's arrivals are counted with it.
"""

from dataclasses import dataclass

from django.db import transaction

from experiments.events import ingest
from experiments.events.event_log import EventLog
from experiments.events.receipts import Receipt


@dataclass(frozen=True, slots=True)
class Drained:
    """What became of a block.

    Attributes:
        events: distinct ones in it.
        new: how many were not stored before.
        taken: how many are of an impression that is another's; they are counted as refused.
    """

    events: int
    new: int
    taken: int


def drain_block(log: EventLog) -> Drained | None:
    """Move the log's first block into the store; None where the log is empty.

    Raises:
        NotReadyError: where the log does not answer.
        django.db.OperationalError: where the store is away; the log keeps the block.
    """
    block = log.next_block()
    if block is None:
        return None
    with transaction.atomic():
        stored = ingest.store(block.rows)
        receipt = Receipt()
        for key in stored.taken:
            receipt.reject(ingest.TAKEN, key)
        receipt.keep()
    log.take_away(block)
    return Drained(len(block.rows), len(stored.new), len(stored.taken))
