"""Statements sent by libpq's own calls, for the one path where a cursor's work is felt.

A cursor writes every value into the text of the statement, and makes an object of every row that
comes back: three times the CPU of libpq's call with the values beside the text (figures in
docs/benchmarks/events.md). The connection is Django's, and so are its transaction, its patience
and its errors.
"""

import struct
from collections.abc import Sequence

from django.db import connection
from psycopg import generators
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format

_HEAD_BYTES, _ITEM_BYTES = 20, 12  # of an array of one dimension: each item follows its length


def fetch_bigints(statement: bytes, values: Sequence[bytes]) -> tuple[int, ...]:
    """Return the numbers of the only value that a statement returns, an array or NULL.

    Args:
        statement: SQL, its values called $1, $2 and so on.
        values: their texts.

    Raises:
        django.db.DatabaseError: as a cursor would.
    """
    connection.ensure_connection()
    driver = connection.connection
    with connection.wrap_database_errors:
        driver.pgconn.send_query_params(statement, values, result_format=Format.BINARY)
        # The commit comes after the answer: where it fails, that is a second result.
        results = driver.wait(generators.execute(driver.pgconn))
        for result in results:
            if result.status != ExecStatus.TUPLES_OK:
                raise error_from_result(result)
    array = results[0].get_value(0, 0) or b""
    items = max(len(array) - _HEAD_BYTES, 0) // _ITEM_BYTES
    return struct.unpack_from(f">{items * 'iq'}", array, _HEAD_BYTES)[1::2] if items else ()
