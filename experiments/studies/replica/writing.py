"""A replica's month into the tables, a day at a time, each day once however often it is begun."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import chain

from django.db import connection, transaction

from experiments.events import bulk, id_blocks
from experiments.events.columns import EventColumns
from experiments.events.keys import DAY_MS, key_ms, ms_of
from experiments.events.receipts import DUPLICATE, Receipt
from experiments.events.rollup import RollupResult, roll_up
from experiments.studies.replica.experiment import DAYS, FIRST_DAY, Replica
from experiments.studies.replica.rows import Arrivals, Rows


@dataclass(slots=True)
class Written:
    """What became of a day's arrivals.

    Attributes:
        stored: events that are in the table now and were not before.
        refused: events that are not stored, by reason.
    """

    stored: int = 0
    refused: Counter[str] = field(default_factory=Counter)


def write(replica: Replica) -> Iterator[Written]:
    """Write the month day by day: what came on time, then what of it came late.

    Each of the two is one transaction with the count of what it refused, and is left as it is where
    it is there already, so that an interrupted run goes on.
    """
    first, last = (ms_of(FIRST_DAY + timedelta(days=day)) for day in (0, DAYS))
    owner = f"replica:{replica.experiment.pk}:{replica.experiment.slug}"
    rows = Rows.of(replica, id_blocks.lease_block(first, last, owner).number)
    for day in range(DAYS):
        source = f"{replica.experiment.slug}, day {day + 1}"
        yield store(_ahead(rows.of_day(day)), source, replica.experiment.pk)


def write_and_count(replica: Replica) -> Iterator[Written]:
    """Write the month as `write` does, and count each day while the next one is written."""
    with ThreadPoolExecutor(1, initializer=_leave_a_core) as counting:
        try:
            last: Future[RollupResult] | None = None
            for written in write(replica):
                if last is not None:
                    last.result()
                last = counting.submit(roll_up)
                yield written
        finally:
            counting.submit(lambda: connection.close()).result()  # noqa: PLW0108  of that thread
    roll_up()


def _leave_a_core() -> None:
    """Let this thread's queries take one process each: another writes meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")


def _ahead(hours: Iterator[Arrivals]) -> Iterator[Arrivals]:
    """Yield the hours, the next one being drawn meanwhile."""
    with ThreadPoolExecutor(1) as drawing:
        coming = drawing.submit(next, hours, None)
        while (hour := coming.result()) is not None:
            coming = drawing.submit(next, hours, None)
            yield hour


def store(hours: Iterator[Arrivals], source: str, experiment: int | None = None) -> Written:
    """Store one day's arrivals in one transaction, with the count of what was refused."""
    begin: list[Arrivals] = []
    while not (key := _first_key(begin)):
        if (hour := next(hours, None)) is None:
            return Written()
        begin.append(hour)
    if bulk.is_stored(key):
        return Written()
    late: list[EventColumns] = []
    refused: Counter[str] = Counter()

    def on_time() -> Iterator[EventColumns]:
        for hour in chain(begin, hours):
            late.append(hour.late)
            refused.update(hour.refused)
            yield hour.on_time

    with transaction.atomic():
        stored = bulk.copy_day(key_ms(key) // DAY_MS, on_time())
        # The day is closed and indexed: its key refuses what it has already.
        again = EventColumns.joined(late)
        new = bulk.store_beside(again)
        refused[DUPLICATE] += len(again.key) - len(new)
        _receipt(+refused, source, experiment).keep()
    return Written(stored + len(new), +refused)


def _receipt(refused: Counter[str], source: str, experiment: int | None) -> Receipt:
    receipt = Receipt()
    for reason, events in refused.items():
        receipt.reject(reason, source, experiment, events)
    return receipt


def _first_key(hours: list[Arrivals]) -> int:
    """Return the key of the last of the hours' first event, 0 where it has none."""
    keys = [k for hour in hours[-1:] for k in (hour.on_time.key, hour.late.key) if len(k)]
    return int(keys[0][0]) if keys else 0
