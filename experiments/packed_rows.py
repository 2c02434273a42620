"""Many rows of whole numbers, read from Postgres at the cost of a few."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.db import connection
from numpy.typing import NDArray

Rows = dict[str, NDArray[np.int64]]
# Many rows a message: one for each would cost the client more than all the rest.
_PACKED = "SELECT string_agg({sent}, '') FROM ({select}) AS row GROUP BY {first} & 255"
_SENT = {8: "int8send({}::bigint)", 4: "int4send({}::integer)", 2: "int2send({}::smallint)"}
# Two of four bytes are sent as one of eight: each that is sent costs as much, whatever its size.
_TWO_SENT = "int8send(({}::bigint << 32) | ({}::bigint & x'ffffffff'::bigint))"
# The planner cannot know how few groups there are, nor how many: it would sort, or sum on disk.
# The settings hold for the transaction, which statements of one message share.
_IN_MEMORY = "SET LOCAL enable_sort = off; SET LOCAL work_mem = '256MB';"


def packed_rows(
    select: str, sizes: Mapping[str, int], given: Mapping[str, Any] | None = None
) -> Rows:
    """Return the columns of a statement, packed by Postgres and unpacked by NumPy, (N,) each.

    A row with a NULL is left out.

    Args:
        select: the statement.
        sizes: of its columns by name, in bytes; the first has many values: rows come by it.
        given: its parameters.
    """
    order, sent = _sent(sizes)
    packed = _PACKED.format(sent=sent, select=select, first=next(iter(sizes)))
    with connection.cursor() as cursor:
        cursor.execute(_IN_MEMORY + packed, given)
        while cursor.nextset():
            pass
        parts = [bytes(part) for (part,) in cursor.fetchall()]
    row = np.dtype([(name, f">i{sizes[name]}") for name in order])
    rows = np.frombuffer(b"".join(parts), dtype=row)
    return {name: rows[name] for name in sizes}


def _sent(sizes: Mapping[str, int]) -> tuple[list[str], str]:
    """Return the columns in the order in which they are sent, and the SQL that sends them."""
    fours = [name for name, size in sizes.items() if size == 4]
    paired = fours[: len(fours) // 2 * 2]
    alone = [name for name in sizes if name not in paired]
    sent = [_TWO_SENT.format(*pair) for pair in zip(paired[::2], paired[1::2], strict=True)]
    sent += [_SENT[sizes[name]].format(name) for name in alone]
    return [*paired, *alone], " || ".join(sent)
