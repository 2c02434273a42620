"""Counts out to a file, by everything at once, from the events themselves.

The kept counts are two margins of this cube (docs/events.md says why); whoever needs another one
counts it from the events of the days in question.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
from django.db import connection

from experiments.events.archived_days import refuse_archived
from experiments.events.counting import BAND, DEVICE, FLAGS, HOUR, counted
from experiments.events.keys import DAY_MS, HOUR_MS, Device, day_of, first_key, time_of
from experiments.events.rollup import roll_up
from experiments.events.transfer.files import writer
from experiments.measures import MEASURES
from experiments.models import Cell, DayCount, Experiment
from experiments.surface import Surface

BANDS = ("0-2", "3-9", "10-29", "30 and more")
DEVICES = tuple(device.name.lower() for device in Device)
SCHEMA = pa.schema([
    ("hour", pa.timestamp("s", tz="UTC")), ("experiment", pa.string()), ("phase", pa.int32()),
    ("arm", pa.int32()), ("video", pa.string()), ("positions", pa.string()),
    ("device", pa.string()), ("flags", pa.int32()), ("surface", pa.string()),
    *((measure.name, pa.int64()) for measure in MEASURES),
])  # fmt: skip
_GROUPS = {
    "hour": HOUR, "cell": "event.cell", "video": "event.video", "band": BAND, "device": DEVICE,
    "flags": FLAGS,
}  # fmt: skip
_COUNT = f"""
SELECT counted.hour, phase.number, arm.index, coalesce(video.slug, counted.video::text),
       counted.band, counted.device, counted.flags, cell.surface,
       {", ".join(f"counted.{measure.name}" for measure in MEASURES)}
FROM ({counted(_GROUPS, "event.cell = ANY(%(cells)s)")}) AS counted
JOIN experiments_cell AS cell ON cell.id = counted.cell
JOIN experiments_phase AS phase ON phase.id = cell.phase_id
JOIN experiments_arm AS arm ON arm.id = cell.arm_id
LEFT JOIN experiments_video AS video ON video.id = counted.video
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8
"""  # noqa: S608  constants of ours
Row = tuple[Any, ...]


def export_counts(experiment: Experiment, path: Path) -> int:
    """Write events by hour, phase, arm, video, band of positions, device, flags and surface.

    Returns:
        How many rows were written.

    Raises:
        EventsError: where the file's name asks for no format that is known.
        ArchiveError: where some events are archived.
    """
    cells = list(Cell.objects.filter(phase__experiment=experiment).values_list("pk", flat=True))
    refuse_archived(cells, "the count by everything at once")
    roll_up()  # which knows the days that have events
    written = 0
    with writer(path, SCHEMA) as file:
        for rows in _days(cells):
            file.write(_as_batch(experiment.slug, rows))
            written += len(rows)
    return written


def _days(cells: list[int]) -> Iterator[list[Row]]:
    """Yield each day's rows: a day is what the database counts at once."""
    days = DayCount.objects.filter(cell__in=cells).order_by("day").values_list("day", flat=True)
    for day in days.distinct():
        first = day_of(day) * DAY_MS
        with connection.cursor() as cursor:
            span = {"from_key": first_key(first), "until_key": first_key(first + DAY_MS)}
            cursor.execute(_COUNT, span | {"cells": cells})
            yield cursor.fetchall()


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
