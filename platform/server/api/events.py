"""The beacon's door: a batch of events in, what became of it out."""

import zlib
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.db import connection

from experiments.errors import EventsError, TooFastError
from experiments.events import ingest
from experiments.events.networks import is_client, visit_log
from experiments.events.rates import network_rate
from experiments.events.receipts import Receipt
from server.access import network_of
from server.api.doors import Answer

MAX_BODY_BYTES = 1_000_000
TOO_LARGE = f"the body must be at most {MAX_BODY_BYTES} bytes"
ONLY_POST = Answer(
    HTTPStatus.METHOD_NOT_ALLOWED, {"error": "events are sent by POST"}, {"Allow": "POST"}
)


def take_events(environ: Mapping[str, Any]) -> Answer:
    """Store a batch; answer after the commit.

    Raises:
        OperationalError, InterfaceError, NotReadyError: where nothing could be stored.
    """
    if environ["REQUEST_METHOD"] != "POST":
        return ONLY_POST
    # No query to ask whether the connection lives: a dead one is a 503 here, closed at once.
    connection.health_check_done = True  # type: ignore[attr-defined]  # not in the stubs
    network = network_of(environ)
    try:
        body = _body(environ)
        if is_client(network):
            network_rate.take({network: len(body)})
        receipt = ingest.receive(body, environ.get("HTTP_USER_AGENT", ""))
    except EventsError as error:
        return _refuse_all(error)
    except TooFastError as error:
        wait = {"Retry-After": str(error.wait_s)}
        return Answer(HTTPStatus.TOO_MANY_REQUESTS, {"error": str(error)}, wait)
    visit_log.note(network, receipt.visits)
    kept = receipt.accepted or receipt.duplicate or not receipt.rejected
    return Answer(HTTPStatus.OK if kept else HTTPStatus.BAD_REQUEST, receipt.as_json())


def note_origin(origin: str) -> None:
    """Count a batch of a page that may not send any."""
    receipt = Receipt()
    receipt.reject("origin", origin)
    receipt.keep()


def _refuse_all(error: EventsError) -> Answer:
    receipt = Receipt()
    receipt.reject(error.reason, error)
    receipt.keep()
    too_large = error.reason in {"too_large", "too_many"}
    return Answer(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST,
        {**receipt.as_json(), "error": str(error)},
    )


def _body(environ: Mapping[str, Any]) -> bytes:
    """Return the request's body, unpacked, within limits."""
    sent_bytes = _sent_bytes(environ)
    if sent_bytes > MAX_BODY_BYTES + 1:
        raise EventsError("too_large", TOO_LARGE)
    body: bytes = environ["wsgi.input"].read(sent_bytes)
    encoding = environ.get("HTTP_CONTENT_ENCODING", "identity").strip().lower()
    if encoding == "gzip":
        body = _unpack(body)
    elif encoding != "identity":
        raise EventsError("encoding", f"Content-Encoding == {encoding!r}, must be gzip or absent")
    if len(body) > MAX_BODY_BYTES:
        raise EventsError("too_large", TOO_LARGE)
    return body


def _sent_bytes(environ: Mapping[str, Any]) -> int:
    """Return how much to read: in chunks, whose sum is not told, to just past the limit."""
    if environ.get("HTTP_TRANSFER_ENCODING", "").strip().lower() == "chunked":
        return MAX_BODY_BYTES + 1
    text = environ.get("CONTENT_LENGTH") or "0"
    if not (text.isascii() and text.isdigit()):
        raise EventsError("malformed", f"Content-Length == {text!r}, must be a number of bytes")
    return int(text)


def _unpack(packed: bytes) -> bytes:
    """Unpack gzip, at most one byte past the limit: a bomb costs no more than a full body."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        return unpacker.decompress(packed, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise EventsError("malformed", f"the body is not gzip: {error}") from error
