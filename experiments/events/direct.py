"""Statements sent by libpq's own calls, for the one path where a cursor's work is felt.

A cursor writes every value into the text of the statement, and makes an object of every row that
comes back: three times the CPU of libpq's call with the values beside the text. And the server
reads and plans a text each time, which is half of what it does for some rows: here each connection
has it prepared once (figures in docs/benchmarks/events.md). The connection is Django's, and so are
its transaction, its patience and its errors.
"""

import struct
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg import generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format

_HEAD_BYTES, _ITEM_BYTES = 20, 12  # of an array of one dimension: each item follows its length
_names: WeakKeyDictionary[Any, dict[bytes, bytes]] = WeakKeyDictionary()  # of each connection


def fetch_bigints(statement: bytes, values: Sequence[bytes]) -> tuple[int, ...]:
    """Return the numbers of the only value that a statement returns, an array or NULL.

    Args:
        statement: SQL, its values called $1, $2 and so on; one of few, for it stays prepared.
        values: their texts.

    Raises:
        django.db.DatabaseError: as a cursor would.
    """
    connection.ensure_connection()
    driver = connection.connection
    with connection.wrap_database_errors:
        name = _prepared(driver, statement)
        driver.pgconn.send_query_prepared(name, values, result_format=Format.BINARY)
        array = _answer(driver, ExecStatus.TUPLES_OK).get_value(0, 0) or b""
    items = max(len(array) - _HEAD_BYTES, 0) // _ITEM_BYTES
    return struct.unpack_from(f">{items * 'iq'}", array, _HEAD_BYTES)[1::2] if items else ()


def _prepared(driver: Any, statement: bytes) -> bytes:
    """Return the name of a statement, which this connection has from then on."""
    names = _names.setdefault(driver, {})
    name = names.get(statement)
    if name is None:
        name = b"direct_%d" % len(names)
        driver.pgconn.send_prepare(name, statement)
        _answer(driver, ExecStatus.COMMAND_OK)
        names[statement] = name
    return name


def _answer(driver: Any, good: ExecStatus) -> Any:
    """Wait for what was sent, and return its result."""
    # The commit comes after the answer: where it fails, that is a second result.
    results = driver.wait(generators.execute(driver.pgconn))
    for result in results:
        if result.status != good:
            raise error_from_result(result)
    return results[0]
