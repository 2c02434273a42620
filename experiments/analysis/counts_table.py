"""The counts of an experiment as Parquet: a row a day, phase, arm and video, net of bots."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from experiments.analysis.layout import Layout
from experiments.measures import MEASURES
from experiments.models import DayCount, Experiment, Video

BATCH = 100_000  # rows that are in memory as Python's own values
NAMES = [measure.name for measure in MEASURES]


@dataclass(frozen=True, slots=True)
class _Words:
    """Names of what is kept by its primary key."""

    slugs: dict[int, str]
    phases: dict[int, int]
    arms: dict[int, str]


def as_parquet(experiment: Experiment) -> bytes:
    """Return every count; a measure that was not counted on a day is null."""
    layout = Layout.of(experiment)
    schema = pa.schema(
        [
            ("day", pa.date32()),
            ("phase", pa.int16()),
            ("arm", pa.dictionary(pa.int8(), pa.string())),
            ("video", pa.string()),
            *((name, pa.int64()) for name in NAMES),
        ]
    )
    out = io.BytesIO()
    words = _words(layout)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in _in_batches(layout):
            days, cells, videos, *measures = zip(*rows, strict=True)
            columns = [
                pa.array(days, pa.date32()),
                pa.array([words.phases[cell] for cell in cells], pa.int16()),
                pa.array([words.arms[cell] for cell in cells]).dictionary_encode(),
                pa.array([words.slugs.get(pk, f"deleted-{pk}") for pk in videos]),
                *(pa.array(values, pa.int64()) for values in measures),
            ]
            writer.write_table(pa.Table.from_arrays(columns, names=schema.names).cast(schema))
    return out.getvalue()


def _in_batches(layout: Layout) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """Yield rows of day, cell, video and every measure, so many at a time."""
    kept = DayCount.objects.filter(cell__in=layout.cells, flags=0).order_by("day", "cell", "video")
    rows = kept.values_list("day", "cell", "video", *NAMES).iterator(chunk_size=BATCH)
    while batch := tuple(islice(rows, BATCH)):
        yield batch


def _words(layout: Layout) -> _Words:
    return _Words(
        slugs=dict(Video.objects.values_list("pk", "slug")),
        phases={cell: layout.phases[row].number for cell, (row, _) in layout.cells.items()},
        arms={cell: layout.names[column] for cell, (_, column) in layout.cells.items()},
    )
