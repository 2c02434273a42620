"""Brokers of a test's own, on this machine, in a folder: what Debian installs of them."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from kombu import Connection
from kombu.exceptions import OperationalError

from standalone.processes import free_port
from tests.waiting import wait_until

# The one in the path changes to a user of its own and leaves the test's folder.
RABBITMQ = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


@contextmanager
def redis(folder: Path) -> Iterator[str]:
    """Run a Redis that keeps every task on the disk, and give its address."""
    program, port = shutil.which("redis-server"), free_port()
    if program is None:
        pytest.skip("redis-server is not installed")
    words = [program, "--port", str(port), "--dir", str(folder), "--appendonly", "yes"]
    with _running(words, f"redis://127.0.0.1:{port}/0", folder, {}) as url:
        yield url


@contextmanager
def rabbitmq(folder: Path) -> Iterator[str]:
    """Run a RabbitMQ, and give its address."""
    if not RABBITMQ.is_file():
        pytest.skip("rabbitmq-server is not installed")
    port = free_port()
    environment = {
        "HOME": str(folder),  # its cookie
        "ERL_EPMD_PORT": str(free_port()),
        "RABBITMQ_NODENAME": f"test-{port}@localhost",
        "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port),
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder),
        "RABBITMQ_LOG_BASE": str(folder),
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
    }
    url = f"amqp://guest:guest@127.0.0.1:{port}//"
    with _running([str(RABBITMQ)], url, folder, environment) as running:
        yield running


@contextmanager
def _running(
    words: list[str], url: str, folder: Path, environment: Mapping[str, str]
) -> Iterator[str]:
    with (folder / "broker.log").open("wb") as log:
        server = subprocess.Popen(
            words, env={**os.environ, **environment}, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        wait_until(lambda: _answers(url), "the broker answers")
        yield url
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answers(url: str) -> bool:
    try:
        with Connection(url) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=5)
    except (OperationalError, OSError):
        return False
    return True
