"""ClickHouse's engine as the store sees it: three calls, in this process or to a server.

Whatever keeps an engine from answering is a database's OperationalError, as Postgres' absence is:
nobody is told less than the whole.
"""

from typing import Protocol

import pyarrow as pa

# Rows of one key lie in one day, and so in one partition.
SETTINGS = {
    "do_not_merge_across_partitions_select_final": 1,
    "max_partitions_per_insert_block": 0,
    "mutations_sync": 2,
    "join_use_nulls": 0,
    # What is asked of clicks alone is asked of no other event.
    "short_circuit_function_evaluation": "force_enable",
}


class Engine(Protocol):
    """One shard."""

    def command(self, sql: str) -> None:
        """Run a statement that returns nothing."""

    def query(self, sql: str) -> pa.Table:
        """Return a statement's rows."""

    def insert(self, table: str, rows: pa.Table) -> None:
        """Put rows into a table, as one block."""
