"""The present ClickHouse as a server: its engine in a process, behind what clickhouse-connect asks.

There is no server of the present engine to be had as a package. The engine, its dialect, its
settings and its formats are ClickHouse's own; that a statement comes by HTTP is this file's.
"""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

import chdb.session

from standalone.processes import free_port
from tests.waiting import wait_until

DATABASE = "coverlift"
OF_THE_DOOR = {"query", "database", "wait_end_of_query", "enable_http_compression",
               "send_progress_in_http_headers", "http_headers_progress_interval_ms",
               "session_id", "query_id", "client_protocol_version", "compress"}  # fmt: skip


class Door(BaseHTTPRequestHandler):
    """Runs a request's statement, with its settings, as a server does."""

    session: ClassVar[chdb.session.Session]
    lock: ClassVar[Lock] = Lock()
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200, b"Ok.\n")

    def do_POST(self) -> None:
        asked, body = dict(parse_qsl(urlsplit(self.path).query)), self._body()
        sql, data = (asked["query"], body) if "query" in asked else (body.decode(), b"")
        try:
            with self.lock:
                self.session.query(f"USE {asked.get('database', 'default')}")
                for name in asked.keys() - OF_THE_DOOR:
                    self.session.query(f"SET {name} = '{asked[name]}'")
                self._answer(200, self._run(sql, data))
        except RuntimeError as error:
            self._answer(500, str(error).encode())

    def _run(self, sql: str, data: bytes) -> bytes:
        head, _, kind = sql.rpartition("FORMAT ")
        if not head:
            return self._asked(sql, "TabSeparated")
        if not data:
            return self._asked(head, kind.strip())
        with NamedTemporaryFile() as file:
            file.write(data)
            file.flush()
            return self._asked(f"{head} FROM INFILE '{file.name}' FORMAT {kind}", "TabSeparated")

    def _asked(self, sql: str, kind: str) -> bytes:
        answer: bytes = self.session.query(sql, kind).bytes()
        return answer

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests' output is theirs."""


@dataclass
class Server:
    """One server."""

    port: int
    process: subprocess.Popen[bytes]

    def answers(self) -> bool:
        """Tell whether it listens."""
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def kill(self) -> None:
        """Kill -9 it."""
        self.process.kill()
        self.process.wait()


@contextmanager
def chdb_servers(folder: Path, count: int) -> Iterator[list[Server]]:
    """Run so many servers, each of an empty database."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    servers = []
    with ExitStack() as stack:
        for number in range(count):
            port = free_port()
            words = [sys.executable, "-m", __name__, str(port), str(folder / f"shard-{number}")]
            servers.append(Server(port, subprocess.Popen(words, env=environment)))
            stack.callback(servers[-1].kill)
        for server in servers:
            wait_until(server.answers, "the engine behind HTTP answers")
        yield servers


def serve(port: int, folder: Path) -> None:
    Door.session = chdb.session.Session(str(folder))
    Door.session.query(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")
    ThreadingHTTPServer(("127.0.0.1", port), Door).serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]), Path(sys.argv[2]))
