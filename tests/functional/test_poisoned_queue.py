"""Messages that are no tasks end no worker, and the tasks behind them are done."""

import json
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest

from standalone.processes import programs
from tests.functional.own_workers import own_database, worker
from tests.waiting import wait_until

pytestmark = pytest.mark.functional
NO_TASKS = ["a text", 7, [1], {}, {"properties": {}}, {"body": "%%", "properties": {
    "delivery_tag": "x", "body_encoding": "base64"}}]  # fmt: skip


def test_what_is_no_task_is_dropped_and_the_next_one_is_done(
    database_url: str, tmp_path: Path
) -> None:
    with (
        own_database(database_url, "poisoned", tmp_path) as environment,
        closing(psycopg2.connect(environment["DATABASE_URL"])) as connection,
    ):
        connection.autocommit = True
        cursor = connection.cursor()

        def left() -> int:
            cursor.execute("SELECT count(*) FROM pgmq.q_celery")
            (number,) = cursor.fetchone() or (0,)
            return int(number)

        for message in NO_TASKS:
            cursor.execute("SELECT pgmq.send('celery', %s::jsonb)", [json.dumps(message)])
        with programs({"worker": worker()}, environment) as (running,):
            wait_until(lambda: left() == 0, "the queue is empty")
            running.check()
