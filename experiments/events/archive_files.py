"""Files of archived events: one Parquet file a day, as the table has them, in the order of keys."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from experiments.events.columns import EventColumns
from experiments.events.keys import date_of

SCHEMA = pa.schema([
    ("key", pa.int64()), ("viewer", pa.int64()), ("video", pa.int32()), ("cell", pa.int16()),
    ("context", pa.int16()), ("watched_ms", pa.int32()),
])  # fmt: skip


def path_of(day: int) -> Path:
    """Return the file of a day, counted from 2010-01-01."""
    return Path(settings.ARCHIVE_ROOT) / f"events-{date_of(day)}.parquet"


def write(path: Path, parts: Iterable[EventColumns]) -> None:
    """Write events, keys ascending, so that the file is whole and on the disk, or not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with (
        partial.open("wb") as file,
        pq.ParquetWriter(
            file, SCHEMA, compression="zstd", use_dictionary=["video", "cell", "context"],
            column_encoding={"key": "DELTA_BINARY_PACKED"},
        ) as writer,
    ):  # fmt: skip
        for events in parts:
            writer.write_table(_as_table(events))
    _flush(partial)
    partial.replace(path)
    _flush(path.parent)


def read(path: Path) -> Iterator[EventColumns]:
    """Yield the events of a file, part by part, keys ascending."""
    file = pq.ParquetFile(path)
    for part in range(file.num_row_groups):
        table = file.read_row_group(part)
        columns = [table["watched_ms"].fill_null(-1) if n == "watched_ms" else table[n]
                   for n in SCHEMA.names]  # fmt: skip
        yield EventColumns(*(column.to_numpy() for column in columns))


def sha256_of(path: Path) -> str:
    """Return a file's checksum."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _as_table(events: EventColumns) -> pa.Table:
    watched = np.full(len(events.key), -1) if events.watched_ms is None else events.watched_ms
    columns = (events.key, events.viewer, events.video, events.cell, events.context, watched)
    arrays = [
        pa.array(column, type=field.type, mask=column < 0 if field.name == "watched_ms" else None)
        for column, field in zip(columns, SCHEMA, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _flush(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
