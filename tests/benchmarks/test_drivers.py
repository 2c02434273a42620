"""Ways to send ingest's statement: CPU of the web process by driver, taking turns."""

import time
from collections.abc import Callable, Sequence
from itertools import count

import psycopg2
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from experiments.events.clock import now_ms
from experiments.events.keys import DAY_MS, impression_id
from experiments.events.partitions import ensure_days
from experiments.events.store import postgres
from experiments.measures import Step

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db(transaction=True)]
TURNS, STATEMENTS = 12, 60
WITH_SIGNS = postgres._STORE.decode()
for number in range(1, 9):
    WITH_SIGNS = WITH_SIGNS.replace(f"${number}", "%s", 1)


@pytest.mark.parametrize("rows", [20, 60])
def test_one_statement_by_each_driver(rows: int, capsys: pytest.CaptureFixture[str]) -> None:
    ensure_days([now_ms() // DAY_MS])
    ids = (impression_id(now_ms(), i >> 9 & 1023, i & 511) for i in count())
    server = connection.get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    other = psycopg2.connect(make_conninfo(**{name: server[name] for name in names}))
    other.autocommit = True

    def by_django(columns: list[bytes]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(WITH_SIGNS, [column.decode() for column in columns])
            cursor.fetchone()

    def by_psycopg2(columns: list[bytes]) -> None:
        with other.cursor() as cursor:
            cursor.execute(WITH_SIGNS, [column.decode() for column in columns])
            cursor.fetchone()

    ways: dict[str, Callable[[list[bytes]], object]] = {
        "a cursor of Django's (psycopg 3)": by_django,
        "a cursor of psycopg2, a connection of its own": by_psycopg2,
        "libpq's own call on Django's connection": postgres._insert,
    }
    used_s = dict.fromkeys(ways, 0.0)
    for _ in range(TURNS):
        for name, send in ways.items():
            batches = [columns_of([next(ids) for _ in range(rows)]) for _ in range(STATEMENTS)]
            began_s = time.process_time()
            for batch in batches:
                send(batch)
            used_s[name] += time.process_time() - began_s
    other.close()
    each = {name: 1e6 * total / (TURNS * STATEMENTS) for name, total in used_s.items()}
    with capsys.disabled():
        print(f"\n{rows} rows: " + "; ".join(f"{name} {us:.0f} µs" for name, us in each.items()))


def columns_of(ids: Sequence[int]) -> list[bytes]:
    rows = [(made | Step.VIEWABLE, made >> 3, 1, 1, 3, None) for made in ids]
    return [*map(postgres._array, zip(*rows, strict=True)), b"{148000}", b"{1}"]
