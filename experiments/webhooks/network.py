"""Requests to addresses that people typed: never into private networks, unless a setting says so.

A name is looked up once, and the connection goes to the very address that was checked: who answers
the second look-up with another (DNS rebinding) gains nothing. Redirects are not followed.
"""

import http.client
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, urlsplit

from django.conf import settings

TIMEOUT_S = 5.0
READ_BYTES = 2000
PORTS = {"http": 80, "https": 443}


class AddressError(Exception):
    """An address that nothing is sent to; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address answered: its status, and the beginning of its text."""

    status: int
    text: str


def problem(url: str) -> str:
    """Return why nothing can be sent to an address; "" where it can, as far as its text tells."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return f"url == {url!r} is no address"
    schemes = ("https", "http") if settings.WEBHOOKS_PRIVATE else ("https",)
    if parts.scheme not in schemes or not parts.hostname or port == 0:
        return f"url == {url!r}, must be an address such as https://example.org/coverlift"
    if parts.username or parts.password:
        return "url holds a name or password: leave it out, the signature proves who sends"
    return ""


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send a body, and return what is answered.

    Raises:
        AddressError: where the address is in a private network, or has no name that is known.
        OSError, http.client.HTTPException: where there is no answer.
    """
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    connection = _Pinned(host, port, allowed_address(host, port), is_safe=parts.scheme == "https")
    try:
        connection.request("POST", _target(parts), body, dict(headers))
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(READ_BYTES).decode(errors="replace"))
    finally:
        connection.close()


def allowed_address(host: str, port: int) -> str:
    """Return the IP address that a host is reached by.

    Raises:
        AddressError: where it has none, or one of them is no public one.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise AddressError(f"there is no host {host!r}: {error}") from error
    addresses = [str(address[4][0]) for address in found]
    if not settings.WEBHOOKS_PRIVATE:
        for address in addresses:
            if not ip_address(address.partition("%")[0]).is_global:
                raise AddressError(
                    f"{host} is {address}, in a private network: nothing is sent there "
                    "(COVERLIFT_WEBHOOKS_PRIVATE=1 allows it)"
                )
    return addresses[0]


def _target(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


class _Pinned(http.client.HTTPConnection):
    """A connection to an address that was looked up before; its certificate is of the host."""

    def __init__(self, host: str, port: int, address: str, *, is_safe: bool) -> None:
        super().__init__(host, port, timeout=TIMEOUT_S)
        self._address, self._is_safe = address, is_safe
        self.default_port = PORTS["https" if is_safe else "http"]

    def connect(self) -> None:
        """Connect to the address, and where it is safe, speak TLS with the host."""
        plain: Any = socket.create_connection((self._address, self.port), self.timeout)
        self.sock = plain
        if self._is_safe:
            context = ssl.create_default_context()
            self.sock = context.wrap_socket(plain, server_hostname=self.host)
