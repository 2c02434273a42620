"""Redis as the broker: what is no task ends no worker, and its death loses no task for long."""

import json
import os
import shutil
import signal
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import redis
from kombu import Connection

from server.celery import app
from standalone.processes import Program, free_port, programs
from tests.functional.own_workers import own_database, worker
from tests.functional.test_poisoned_queue import NO_TASKS
from tests.waiting import wait_until

SERVER = shutil.which("redis-server")
pytestmark = [
    pytest.mark.functional,
    pytest.mark.skipif(SERVER is None, reason="no Redis: Debian's package redis-server has it"),
]


def redis_words(port: int, folder: Path) -> list[str]:
    """Return what starts a server that keeps what it was told, as that of docker-compose.yml."""
    folder.mkdir()
    words = [str(SERVER), "--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
    return [*words, "--appendonly", "yes", "--appendfsync", "always", "--save", ""]


def kill(program: Program) -> None:
    os.killpg(program.process.pid, signal.SIGKILL)
    program.process.wait()


def test_tasks_are_done_by_way_of_redis(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    address = f"redis://127.0.0.1:{port}/0"
    with (
        own_database(database_url, "by_redis", tmp_path) as environment,
        programs({"redis": redis_words(port, tmp_path / "redis")}, os.environ) as (server,),
        closing(psycopg2.connect(environment["DATABASE_URL"])) as connection,
        redis.Redis(port=port) as queue,
    ):
        connection.autocommit = True
        cursor = connection.cursor()

        def is_up() -> bool:
            try:
                return bool(queue.ping())
            except redis.ConnectionError:
                return False

        def note_arrival() -> None:
            cursor.execute("INSERT INTO experiments_arrival (hours, videos) VALUES ('{}', '{}')")

        def is_counted() -> bool:
            cursor.execute("SELECT count(*) FROM experiments_arrival")
            return bool(cursor.fetchone() == (0,))

        def send_rollup() -> None:
            with Connection(address) as to:
                app.send_task("roll_up", connection=to)

        wait_until(is_up, "Redis answers")
        for message in NO_TASKS:
            queue.lpush("celery", json.dumps(message))
        note_arrival()
        send_rollup()
        kill(server)  # with what waits in it
        assert server.revive()
        wait_until(is_up, "Redis answers again")
        environment["CELERY_BROKER_URL"] = address
        with programs({"worker": worker()}, environment) as (running,):
            wait_until(is_counted, "the task that waited is done")
            kill(server)  # under the worker
            note_arrival()
            assert server.revive()
            wait_until(is_up, "Redis answers again")
            send_rollup()
            wait_until(is_counted, "the worker has found it again")
            running.check()
        assert queue.llen("celery") == 0
