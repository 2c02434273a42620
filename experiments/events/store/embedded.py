"""ClickHouse embedded in this process (chdb)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import pyarrow as pa
from chdb.session import Session
from django.db import OperationalError

from experiments.events.store.engine import SETTINGS

_OWN = {
    # Several threads return what they grouped in 256 blocks, which costs more than to group it.
    "max_threads": 1,
    # What stays in this process need not be packed.
    "output_format_arrow_compression_method": "none",
}


class Embedded:
    """ClickHouse in this process, with its files in a folder that no other process may open."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._lock = Lock()
        self._session = Session(str(folder))
        for name, value in {**SETTINGS, **_OWN}.items():
            self.command(f"SET {name} = {value!r}")

    def command(self, sql: str) -> None:
        """Run a statement that returns nothing."""
        with self._turn():
            self._session.query(sql)

    def query(self, sql: str) -> pa.Table:
        """Return a statement's rows."""
        with self._turn():
            packed = self._session.query(sql, "ArrowStream").bytes()
        return pa.ipc.open_stream(packed).read_all()

    def insert(self, table: str, rows: pa.Table) -> None:
        """Put rows into a table, as one block."""
        names = ", ".join(rows.column_names)
        # The engine finds ``rows`` by its name, among the variables of who calls it.
        sql = f"INSERT INTO {table} ({names}) SELECT {names} FROM Python(rows)"  # noqa: S608
        with self._turn():
            self._session.query(sql)

    def close(self) -> None:
        """Give the folder back."""
        self._session.close()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Let one thread use the engine, and its errors be a database's."""
        try:
            with self._lock:
                yield
        except RuntimeError as error:
            raise OperationalError(f"the embedded store of events: {error}") from error
