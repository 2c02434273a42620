"""A receiver of webhooks: a real HTTP server that notes what comes and answers as it is told."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


@dataclass
class Receiver:
    """What came, and what is answered.

    Attributes:
        url: where it listens.
        status: of every answer.
        location: where it redirects to, if it does.
        came: headers and body of each message.
    """

    url: str = ""
    status: int = 200
    location: str = ""
    came: list[tuple[Message, bytes]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Receiver]:
    """Listen at a port of this machine for as long as the block lasts."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.came.append((self.headers, body))
            self.send_response(receiver.status)
            if receiver.location:
                self.send_header("Location", receiver.location)
            self.end_headers()
            if receiver.status != 204:
                self.wfile.write(b"noted")

        def log_message(self, *_: object) -> None:
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/told?by=coverlift"
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
