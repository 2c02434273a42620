"""Events out to a file, in the order of time."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from django.db import connection

from experiments.events.archived_days import refuse_archived
from experiments.events.keys import (
    context_device,
    context_flags,
    context_position,
    key_impression,
    key_step,
)
from experiments.events.transfer.files import ROWS_AT_ONCE, SCHEMA, writer
from experiments.measures import Step
from experiments.models import Cell, Experiment
from experiments.surface import Surface

_STEP_NAMES = {int(step): step.name.lower() for step in Step}
Row = tuple[int, int, str, int, int, int, int | None, int]
_EXPORT = """
SELECT key, viewer, coalesce(video.slug, event.video::text), phase.number, arm.index,
       context, watched_ms, cell.surface
FROM experiments_event AS event
JOIN experiments_cell AS cell ON cell.id = event.cell
JOIN experiments_phase AS phase ON phase.id = cell.phase_id
JOIN experiments_arm AS arm ON arm.id = cell.arm_id
LEFT JOIN experiments_video AS video ON video.id = event.video
WHERE phase.experiment_id = %s AND key > %s ORDER BY key LIMIT %s
"""


def export_events(experiment: Experiment, path: Path) -> int:
    """Write an experiment's events; return how many.

    Raises:
        ArchiveError: where some are archived.
    """
    cells = Cell.objects.filter(phase__experiment=experiment).values_list("pk", flat=True)
    refuse_archived(cells, "the export")
    written = 0
    with writer(path) as file:
        for batch in _stored_batches(experiment):
            file.write(batch)
            written += batch.num_rows
    return written


def _stored_batches(experiment: Experiment) -> Iterator[pa.RecordBatch]:
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(_EXPORT, [experiment.pk, last, ROWS_AT_ONCE])
            rows = cursor.fetchall()
        if not rows:
            return
        last = rows[-1][0]
        yield _as_batch(experiment.slug, rows)


def _as_batch(slug: str, rows: list[Row]) -> pa.RecordBatch:
    """Return rows of the query as the columns of the files."""
    keys, viewers, videos, phases, arms, contexts, watched, surfaces = zip(*rows, strict=True)
    columns = [
        [key_impression(key) for key in keys],
        [_STEP_NAMES[key_step(key)] for key in keys],
        viewers,
        videos,
        [slug] * len(rows),
        phases,
        arms,
        [context_position(context) for context in contexts],
        [context_device(context) for context in contexts],
        [context_flags(context) for context in contexts],
        [None if ms is None else ms / 1000 for ms in watched],
        [Surface(surface).label for surface in surfaces],
    ]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
