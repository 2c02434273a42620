"""Uploads to a site of a test's own: large files that nobody holds in memory, over HTTP."""

import http.client
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from tests.functional.own_site import OwnSite
from tests.waiting import PATIENCE_S

PIECE_BYTES = 8 * 1024 * 1024  # as the page sends them
BLOCK = bytes(1024 * 1024)
BOUNDARY = "a-boundary"
LOG_IN = """
import django
django.setup()
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.create_superuser("sender"))
print(client.cookies["sessionid"].value)
"""
TOKEN = "a" * 32  # a cookie and a header that say the same


@dataclass(frozen=True)
class Sender:
    """Somebody who is logged in at the site."""

    site: OwnSite
    session: str

    def by_pieces(self, name: str, size_bytes: int) -> int:
        """Send a file of zeros piece by piece; return how much the site says that it has."""
        with closing(self._connection()) as connection:
            return self._send_pieces(connection, name, size_bytes)

    def _send_pieces(
        self, connection: http.client.HTTPConnection, name: str, size_bytes: int
    ) -> int:
        told = f"filename {b64encode(name.encode()).decode()}"
        length = {"Upload-Length": str(size_bytes), "Upload-Metadata": told}
        begun = self._answer(connection, "POST", "/console/uploads/pieces/", b"", length)
        assert begun.status == 201
        address, offset = begun.headers["Location"], 0
        while offset < size_bytes:
            piece = bytes(min(PIECE_BYTES, size_bytes - offset))
            headers = {"Upload-Offset": str(offset),
                       "Content-Type": "application/offset+octet-stream"}  # fmt: skip
            taken = self._answer(connection, "PATCH", address, piece, headers)
            assert taken.status == 204
            offset = int(taken.headers["Upload-Offset"])
        return offset

    def by_form(self, name: str, size_bytes: int) -> int:
        """Send a file of zeros as the field of a plain form; return the answer's status."""
        before = (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\nContent-Type: video/mp4\r\n\r\n'
        ).encode()
        after = f"\r\n--{BOUNDARY}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            "Content-Length": str(len(before) + size_bytes + len(after)),
        }
        blocks = _blocks(before, size_bytes, after)
        with closing(self._connection()) as connection:
            return self._answer(connection, "POST", "/console/uploads/", blocks, headers).status

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.site.port, timeout=PATIENCE_S)

    def _answer(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | Iterator[bytes],
        headers: dict[str, str],
    ) -> http.client.HTTPResponse:
        cookies = f"sessionid={self.session}; csrftoken={TOKEN}"
        always = {"Cookie": cookies, "X-CSRFToken": TOKEN, "Tus-Resumable": "1.0.0"}
        connection.request(method, path, body=body, headers=always | headers)
        answer = connection.getresponse()
        answer.read()
        return answer


def _blocks(before: bytes, size_bytes: int, after: bytes) -> Iterator[bytes]:
    yield before
    for start in range(0, size_bytes, len(BLOCK)):
        yield BLOCK[: size_bytes - start]
    yield after


def sender(site: OwnSite) -> Sender:
    """Log somebody in who may send videos."""
    return Sender(site, site.python("-c", LOG_IN).strip())
