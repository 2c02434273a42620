"""The site in a thread of its own, for the tests that drive a browser or a client."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.servers.basehttp import ThreadedWSGIServer
from pytest_django.live_server_helper import LiveServer


class FinishingServer(ThreadedWSGIServer):
    """A server that answers what it was asked before it closes, and takes nothing new."""

    daemon_threads = False  # closing waits for those that are not

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.connected: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self.connected.add(request)
        super().process_request(request, client_address)

    def close_request(self, request: Any) -> None:
        self.connected.discard(request)
        super().close_request(request)

    def server_close(self) -> None:
        # A connection that is kept open for a next request would be waited for without end.
        for connection in tuple(self.connected):
            try:
                connection.shutdown(socket.SHUT_RD)
            except OSError:
                continue  # its client has left
        super().server_close()


@contextmanager
def served() -> Iterator[LiveServer]:
    """Serve the site at an address of its own for as long as the block lasts."""
    server = LiveServer("localhost", start=False)
    server.thread.server_class = FinishingServer
    server.start()
    try:
        yield server
    finally:
        server.stop()
