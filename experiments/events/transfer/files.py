"""The files that events travel in: CSV, Parquet and JSON lines, with the same columns.

One row is one event: impression (its id), step, viewer (its number), video and experiment (their
slugs), phase, arm, position, device, flags, seconds (watched only), surface ("feed" where a file
has no such column).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, Self

import pyarrow as pa
import pyarrow.csv
import pyarrow.json
import pyarrow.parquet

from experiments.errors import EventsError

SCHEMA = pa.schema([
    ("impression", pa.int64()), ("step", pa.string()), ("viewer", pa.int64()),
    ("video", pa.string()), ("experiment", pa.string()), ("phase", pa.int32()),
    ("arm", pa.int32()), ("position", pa.int32()), ("device", pa.int32()), ("flags", pa.int32()),
    ("seconds", pa.float64()), ("surface", pa.string()),
])  # fmt: skip
ROWS_AT_ONCE = 2_000_000
SUFFIXES = ".csv, .parquet or .jsonl"


class Writer(Protocol):
    """A sink of batches of rows, as a context that closes its file."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> object: ...

    def write(self, batch: pa.RecordBatch) -> object:
        """Append a batch with the schema's columns."""


def batches(path: Path) -> Iterator[pa.RecordBatch]:
    """Yield a file's rows, every batch with exactly the schema's columns.

    Raises:
        EventsError: where the file cannot be read; the message has its first offending row.
    """
    readers = {".csv": _csv, ".parquet": _parquet, ".jsonl": _json_lines}
    if path.suffix not in readers:
        raise EventsError("file", f"{path.name} must end in {SUFFIXES}")
    try:
        for batch in readers[path.suffix](path):
            yield _conform(batch)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as error:
        raise EventsError("file", f"{path.name}: {error}") from error


def writer(path: Path, schema: pa.Schema = SCHEMA) -> Writer:
    """Return a writer of the kind that the file's name asks for.

    Raises:
        EventsError: where the name asks for none.
    """
    if path.suffix == ".csv":
        return pyarrow.csv.CSVWriter(path, schema)  # type: ignore[no-any-return]
    if path.suffix == ".parquet":
        return pyarrow.parquet.ParquetWriter(path, schema)  # type: ignore[no-any-return]
    if path.suffix == ".jsonl":
        return _JsonLinesWriter(path)
    raise EventsError("file", f"{path.name} must end in {SUFFIXES}")


def _conform(batch: pa.RecordBatch) -> pa.RecordBatch:
    if "surface" not in batch.schema.names:
        batch = batch.append_column("surface", pa.nulls(batch.num_rows, pa.string()))
    missing = [name for name in SCHEMA.names if name not in batch.schema.names]
    if missing:
        raise EventsError("file", f"the file lacks the columns {', '.join(missing)}")
    rows = batch.select(SCHEMA.names).cast(SCHEMA)
    rows.validate(full=True)  # or a text that is no UTF-8 would be found out too late
    return rows


def _csv(path: Path) -> Iterator[pa.RecordBatch]:
    yield from pyarrow.csv.open_csv(
        path,
        read_options=pyarrow.csv.ReadOptions(block_size=64 << 20),
        convert_options=pyarrow.csv.ConvertOptions(
            column_types=SCHEMA, strings_can_be_null=True, quoted_strings_can_be_null=False
        ),
    )


def _parquet(path: Path) -> Iterator[pa.RecordBatch]:
    yield from pyarrow.parquet.ParquetFile(path).iter_batches(ROWS_AT_ONCE)


def _json_lines(path: Path) -> Iterator[pa.RecordBatch]:
    yield from pyarrow.json.open_json(
        path,
        read_options=pyarrow.json.ReadOptions(block_size=64 << 20),
        parse_options=pyarrow.json.ParseOptions(explicit_schema=SCHEMA),
    )


class _JsonLinesWriter:
    """Writes batches as JSON lines; pyarrow reads them but does not write them."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8")

    def __enter__(self) -> "_JsonLinesWriter":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Write one line a row."""
        for row in batch.to_pylist():
            self._file.write(json.dumps(row, default=str) + "\n")
