"""Counts out to a file, by everything at once, from the events themselves.

The kept counts are two margins of this cube (docs/events.md says why); whoever needs another one
counts it from the events of the days in question.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from experiments.events.archived_days import refuse_archived
from experiments.events.keys import DAY_MS, HOUR_MS, Device, day_of, first_key, time_of
from experiments.events.rollup import roll_up
from experiments.events.store import event_store
from experiments.events.store.cubes import Chosen, Cube
from experiments.events.transfer.files import writer
from experiments.measures import MEASURES
from experiments.models import Cell, DayCount, Experiment, Video
from experiments.surface import Surface

BANDS = ("0-2", "3-9", "10-29", "30 and more")
DEVICES = tuple(device.name.lower() for device in Device)
SCHEMA = pa.schema([
    ("hour", pa.timestamp("s", tz="UTC")), ("experiment", pa.string()), ("phase", pa.int32()),
    ("arm", pa.int32()), ("video", pa.string()), ("positions", pa.string()),
    ("device", pa.string()), ("flags", pa.int32()), ("surface", pa.string()),
    *((measure.name, pa.int64()) for measure in MEASURES),
])  # fmt: skip
_GROUPS = ("hour", "cell", "video", "band", "device", "flags")
Row = tuple[Any, ...]


def export_counts(experiment: Experiment, path: Path) -> int:
    """Write events by hour, phase, arm, video, band of positions, device, flags and surface.

    Returns:
        How many rows were written.

    Raises:
        EventsError: where the file's name asks for no format that is known.
        ArchiveError: where some events are archived.
    """
    of = Cell.objects.filter(phase__experiment=experiment).select_related("phase", "arm")
    cells = {cell.pk: cell for cell in of}
    refuse_archived(cells, "the count by everything at once")
    roll_up()  # which knows the days that have events
    written, videos = 0, dict(Video.objects.values_list("pk", "slug"))
    with writer(path, SCHEMA) as file:
        for day in _days(cells):
            rows = sorted(_named(_counted(day, cells), cells, videos))
            file.write(_as_batch(experiment.slug, rows))
            written += len(rows)
    return written


def _days(cells: Collection[int]) -> list[date]:
    days = DayCount.objects.filter(cell__in=cells).order_by("day").values_list("day", flat=True)
    return list(days.distinct())


def _counted(day: date, cells: Collection[int]) -> Iterator[Row]:
    """Return a day's rows: a day is what is counted at once."""
    first = day_of(day) * DAY_MS
    cube = Cube(_GROUPS, Chosen(first_key(first), first_key(first + DAY_MS), cells))
    columns = event_store().counted(cube)
    return zip(*(columns[name].tolist() for name in cube.columns), strict=True)


def _named(rows: Iterable[Row], cells: Mapping[int, Cell], videos: Mapping[int, str]) -> list[Row]:
    """Return rows with names in the place of keys, in the order by which files are sorted."""
    return [
        (
            hour, cells[cell].phase.number, cells[cell].arm.index, videos.get(video, str(video)),
            band, device, flags, cells[cell].surface, *measures,
        )
        for hour, cell, video, band, device, flags, *measures in rows
    ]  # fmt: skip


def _as_batch(slug: str, rows: list[Row]) -> pa.RecordBatch:
    hours, phases, arms, videos, bands, devices, flags, on, *measures = zip(*rows, strict=True)
    columns = [
        [time_of(hour * HOUR_MS) for hour in hours],
        [slug] * len(rows),
        phases,
        arms,
        videos,
        [BANDS[band] for band in bands],
        [DEVICES[device] for device in devices],
        flags,
        [Surface(surface).label for surface in on],
        *measures,
    ]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
