"""ClickHouse at a server, by HTTP (clickhouse-connect)."""

from urllib.parse import SplitResult

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError
from django.db import OperationalError

from experiments.events.store.engine import SETTINGS


class Server:
    """A ClickHouse server, by HTTP."""

    def __init__(self, address: SplitResult) -> None:
        self._address = address
        self._client: Client | None = None

    def command(self, sql: str) -> None:
        """Run a statement that returns nothing."""
        self._call("command", sql)

    def query(self, sql: str) -> pa.Table:
        """Return a statement's rows."""
        return self._call("query_arrow", sql)

    def insert(self, table: str, rows: pa.Table) -> None:
        """Put rows into a table, as one block."""
        self._call("insert_arrow", table, rows)

    def _call(self, name: str, *arguments: object) -> pa.Table:
        where = self._address
        try:
            if self._client is None:
                self._client = clickhouse_connect.get_client(
                    host=where.hostname, port=where.port or 8123, username=where.username,
                    password=where.password or "", database=where.path.strip("/"),
                    settings=SETTINGS, autogenerate_session_id=False,  # for threads at once
                )  # fmt: skip
            return getattr(self._client, name)(*arguments)
        except ClickHouseError as error:
            raise OperationalError(f"the store of events at {where.hostname}: {error}") from error
