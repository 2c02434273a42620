"""A replica's month into the tables, a day at a time, each day once however often it is begun."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import connection, transaction

from experiments import bulk, storage
from experiments.impressions import ms_of
from experiments.models import Rejection
from experiments.replica.experiment import DAYS, FIRST_DAY, Replica
from experiments.replica.rows import Arrivals, Rows
from experiments.rollup import RollupResult, roll_up


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
    rows = Rows.of(replica, storage.lease_block(first, last, owner).number)
    for day, arrivals in enumerate(_drawn_ahead(rows)):
        yield store(arrivals, f"{replica.experiment.slug}, day {day + 1}")


def write_and_count(replica: Replica) -> Iterator[Written]:
    """Write the month as `write` does, and count each day while the next one is written."""
    with ThreadPoolExecutor(1) as counting:
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


def _drawn_ahead(rows: Rows) -> Iterator[Arrivals]:
    """Yield each day's arrivals, the next one being drawn meanwhile."""
    with ThreadPoolExecutor(1) as drawing:
        coming = drawing.submit(rows.of_day, 0)
        for day in range(1, DAYS):
            arrivals = coming.result()
            coming = drawing.submit(rows.of_day, day)
            yield arrivals
            del arrivals
        yield coming.result()


def store(arrivals: Arrivals, source: str) -> Written:
    """Store one day's arrivals in one transaction, with the count of what was refused."""
    on_time, late, refused = arrivals.on_time, arrivals.late, arrivals.refused.copy()
    earliest = on_time if len(on_time.key) else late
    if not len(earliest.key) or bulk.is_stored(int(earliest.key[0])):
        return Written()
    with transaction.atomic():
        bulk.copy_events(on_time)
        # The day is closed and indexed: its key refuses what it has already.
        new = bulk.store_beside(late)
        refused["duplicate"] += len(late.key) - len(new)
        Rejection.objects.bulk_create(
            Rejection(reason=reason, events=events, sample=source)
            for reason, events in refused.items()
        )
    return Written(len(on_time.key) + len(new), +refused)
