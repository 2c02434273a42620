"""Events out to a file, in the order of time."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from experiments.events.archived_days import refuse_archived
from experiments.events.columns import EventColumns
from experiments.events.keys import (
    context_device,
    context_flags,
    context_position,
    key_impression,
    key_step,
)
from experiments.events.store import event_store
from experiments.events.transfer.files import SCHEMA, writer
from experiments.events.viewer_flags import with_flags
from experiments.measures import Step
from experiments.models import Cell, Experiment, Video
from experiments.surface import Surface

_STEP_NAMES = {int(step): step.name.lower() for step in Step}


def export_events(experiment: Experiment, path: Path) -> int:
    """Write an experiment's events; return how many.

    Raises:
        ArchiveError: where some are archived.
    """
    cells = {
        cell.pk: (cell.phase.number, cell.arm.index, Surface(cell.surface).label)
        for cell in Cell.objects.filter(phase__experiment=experiment).select_related("phase", "arm")
    }
    refuse_archived(cells, "the export")
    written, videos = 0, dict(Video.objects.values_list("pk", "slug"))
    with writer(path) as file:
        for day in sorted(event_store().days()):
            for events in event_store().day(day, cells):
                file.write(_as_batch(experiment.slug, with_flags(day, events), cells, videos))
                written += len(events.key)
    return written


def _as_batch(
    slug: str,
    events: EventColumns,
    cells: Mapping[int, tuple[int, int, str]],
    videos: Mapping[int, str],
) -> pa.RecordBatch:
    """Return events as the columns of the files."""
    assert events.watched_ms is not None  # noqa: S101  a store always has the column
    phases, arms, surfaces = zip(*(cells[cell] for cell in events.cell.tolist()), strict=True)
    columns = [
        key_impression(events.key),
        [_STEP_NAMES[step] for step in key_step(events.key).tolist()],
        events.viewer,
        [videos.get(video, str(video)) for video in events.video.tolist()],
        [slug] * len(events.key),
        phases,
        arms,
        context_position(events.context),
        context_device(events.context),
        context_flags(events.context),
        [None if ms < 0 else ms / 1000 for ms in events.watched_ms.tolist()],
        surfaces,
    ]
    arrays = [pa.array(c, field.type) for c, field in zip(columns, SCHEMA, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
