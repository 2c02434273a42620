"""Events into Postgres by its binary COPY."""

from collections.abc import Iterator, Mapping

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from experiments.events.columns import BYTES, EventColumns, IntArray

_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_ROWS_AT_ONCE = 65_536


def copy_into(
    cursor: CursorWrapper,
    table: str,
    events: EventColumns,
    *,
    freeze: bool = False,
) -> None:
    """Send events by binary COPY, those with a watched time first.

    Rows that are frozen from the start need not be touched again when they are first read. Postgres
    allows it in a table that the same transaction has made.
    """
    watched = np.zeros(len(events.key), dtype=bool)
    if events.watched_ms is not None:
        watched = events.watched_ms >= 0
        copy_columns(cursor, table, _columns(events, watched, list(BYTES)), BYTES, freeze=freeze)
    unwatched = _columns(events, ~watched, list(BYTES)[:-1])
    copy_columns(cursor, table, unwatched, BYTES, freeze=freeze)


def _columns(
    events: EventColumns, rows: NDArray[np.bool_], names: list[str]
) -> dict[str, IntArray]:
    chosen = slice(None) if rows.all() else rows
    return {name: getattr(events, name)[chosen] for name in names}


def copy_columns(
    cursor: CursorWrapper,
    table: str,
    columns: Mapping[str, IntArray],
    sizes: Mapping[str, int],
    *,
    freeze: bool = False,
) -> None:
    """Send rows of some columns, (N,) each, by binary COPY.

    Args:
        cursor: of a transaction.
        table: that has these columns.
        columns: by name.
        sizes: of each in the table, in bytes.
        freeze: rows of a table that the transaction has made.
    """
    sql = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY, FREEZE {freeze})"
    with connection.wrap_database_errors, cursor.copy(sql) as copy:
        copy.write(_HEADER)
        for part in _binary_rows(columns, sizes):
            copy.write(part)
        copy.write(_TRAILER)


def _binary_rows(columns: Mapping[str, IntArray], sizes: Mapping[str, int]) -> Iterator[bytes]:
    """Yield rows in Postgres' binary COPY format: field count, then (length, value) each."""
    layout: list[tuple[str, str]] = [("fields", ">i2")]
    for name in columns:
        layout += [(f"{name}_length", ">i4"), (name, f">i{sizes[name]}")]
    dtype = np.dtype(layout)
    count = len(next(iter(columns.values())))
    rows = np.empty(min(count, _ROWS_AT_ONCE), dtype=dtype)
    rows["fields"] = len(columns)
    for name in columns:
        rows[f"{name}_length"] = dtype[name].itemsize
    for start in range(0, count, _ROWS_AT_ONCE):
        part = rows[: min(_ROWS_AT_ONCE, count - start)]
        for name, values in columns.items():
            part[name] = values[start : start + len(part)]
        yield part.tobytes()
