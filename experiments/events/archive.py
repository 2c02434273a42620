"""The archive: days of events that are old enough leave the database for files; counts stay.

A day goes where it, and the end of every experiment that has events in it, lie further back than
`COVERLIFT_KEEP_EVENTS_DAYS`. Its file is written, read again and counted, and only where that
gives the counts that are kept is its table dropped, in the transaction that notes the file. Killed
anywhere, a day is in its table, or noted with its file on the disk; a file without a note is
written anew.
"""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from experiments.errors import ArchiveError
from experiments.events import archive_files, viewer_flags
from experiments.events.archive_check import counts_of, difference, kept_counts
from experiments.events.bulk import copy_day
from experiments.events.clock import now_ms
from experiments.events.keys import DAY_MS, date_of, day_of
from experiments.events.open_days import first_open_day, hours_of
from experiments.events.store import event_store
from experiments.models import ArchivedDay

_STILL_NEEDED = """
SELECT DISTINCT counted.day - date '2010-01-01'
FROM experiments_daycount AS counted
JOIN experiments_cell AS cell ON cell.id = counted.cell
JOIN experiments_phase AS phase ON phase.id = cell.phase_id
JOIN experiments_experiment AS experiment ON experiment.id = phase.experiment_id
WHERE counted.day = ANY(%s) AND (experiment.ended_at IS NULL OR experiment.ended_at >= %s)
"""


def due_days() -> list[int]:
    """Return the days, from 2010-01-01, whose events are to be archived."""
    keep = timedelta(days=settings.KEEP_EVENTS_DAYS)
    now = now_ms()
    before = min((now // DAY_MS) - settings.KEEP_EVENTS_DAYS, first_open_day(now))
    old = sorted(day for day in event_store().days() if day < before)
    with connection.cursor() as cursor:
        cursor.execute(_STILL_NEEDED, [[date_of(day) for day in old], timezone.now() - keep])
        needed = {day for (day,) in cursor.fetchall()}
    return [day for day in old if day not in needed]


def archive_day(day: int) -> ArchivedDay:
    """Write a day's events to its file, prove it by the counts, and drop its table.

    Raises:
        ArchiveError: where events wait to be counted, the file is not what was counted, or
            someone reads the table.
    """
    path, store = archive_files.path_of(day), event_store()
    with transaction.atomic():
        store.hold_still(day)
        noted = ArchivedDay.objects.filter(day=date_of(day)).first()
        if noted is not None:  # it ended before an engine of its own had dropped the day
            store.drop(day)
            return noted
        refuse_waiting(day)
        archive_files.write(path, store.day(day))
        found = difference(
            counts_of(viewer_flags.with_flags(day, part) for part in archive_files.read(path)),
            kept_counts(day),
        )
        if found:
            raise ArchiveError(
                f"{date_of(day)} is kept: its counts are not those of its events ({found}); "
                "`manage.py recount` counts them anew"
            )
        store.drop(day)
        return ArchivedDay.objects.create(
            day=date_of(day),
            events=sum(len(part.key) for part in archive_files.read(path)),
            size_bytes=path.stat().st_size,
            sha256=archive_files.sha256_of(path),
        )


def restore_day(day: int) -> int:
    """Store an archived day's events again; return how many. Its file stays.

    Raises:
        ArchiveError: where the day is not archived, or its file is not there as it was written.
    """
    path = archive_files.path_of(day)
    with transaction.atomic():
        noted = ArchivedDay.objects.select_for_update().filter(day=date_of(day)).first()
        if noted is None:
            raise ArchiveError(f"{date_of(day)} is not archived")
        if not path.is_file() or archive_files.sha256_of(path) != noted.sha256:
            raise ArchiveError(f"{path} is not the file that was written: bring it back first")
        noted.delete()
        viewer_flags.tell(day)
        return copy_day(day, archive_files.read(path))


def refuse_waiting(day: int) -> None:
    """Refuse a day of which events wait to be counted.

    Raises:
        ArchiveError: with the remedy.
    """
    waiting = "SELECT FROM experiments_arrival WHERE hours && %s::integer[] LIMIT 1"
    with connection.cursor() as cursor:
        cursor.execute(waiting, [list(hours_of(day))])
        is_waiting = cursor.fetchone() is not None
    if is_waiting:
        raise ArchiveError(f"{date_of(day)} has events that are not counted: run the rollup first")


def wrong_files() -> Iterator[str]:
    """Yield a sentence for each archived day whose file is not as it was written."""
    for kept in ArchivedDay.objects.order_by("day"):
        path = archive_files.path_of(day_of(kept.day))
        if not path.is_file():
            yield f"{path} is missing, the archived events of {kept.day}: copy it there"
        elif archive_files.sha256_of(path) != kept.sha256:
            yield f"{path} is not as it was written: copy it anew"
