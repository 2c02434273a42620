"""Bodies of requests at the doors of pages: read whole, unpacked, within limits."""

import zlib
from collections.abc import Mapping
from typing import Any

from experiments.errors import EventsError

MAX_BODY_BYTES = 1_000_000
TOO_LARGE = f"the body must be at most {MAX_BODY_BYTES} bytes"


def read_body(environ: Mapping[str, Any]) -> bytes:
    """Return the request's body, unpacked.

    Raises:
        EventsError: where it cannot be read, or is too large.
    """
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
