"""The beacon's door: a batch of events in, what became of it out."""

import zlib
from http import HTTPStatus

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from experiments import ingest
from experiments.errors import EventsError, NotReadyError

MAX_BODY_BYTES = 1_000_000
RETRY_AFTER_S = "2"


# Tokens prove what a cookie would: a forged request cannot hold one.
@csrf_exempt
@require_POST
def receive_events(request: HttpRequest) -> JsonResponse:
    """Store a batch; answer after the commit, or 503 where nothing could be stored."""
    # No query to ask whether the connection lives: a dead one is a 503 here, closed after it.
    connection.health_check_done = True  # type: ignore[attr-defined]  # not in the stubs
    try:
        try:
            receipt = ingest.receive(_body(request), request.headers.get("User-Agent", ""))
        except EventsError as error:
            return _refuse_all(error)
    except (OperationalError, InterfaceError, NotReadyError):
        return unavailable()
    kept = receipt.accepted or receipt.duplicate or not receipt.rejected
    return JsonResponse(receipt.as_json(), status=HTTPStatus.OK if kept else HTTPStatus.BAD_REQUEST)


def unavailable() -> JsonResponse:
    """Say that the database is away and when to try again."""
    return JsonResponse(
        {"error": "the database is away: send the same again later"},
        status=HTTPStatus.SERVICE_UNAVAILABLE,
        headers={"Retry-After": RETRY_AFTER_S},
    )


def _refuse_all(error: EventsError) -> JsonResponse:
    receipt = ingest.Receipt()
    receipt.reject(error.reason, error)
    ingest.note_refused(receipt)
    too_large = error.reason in {"too_large", "too_many"}
    return JsonResponse(
        {**receipt.as_json(), "error": str(error)},
        status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE if too_large else HTTPStatus.BAD_REQUEST,
    )


def _body(request: HttpRequest) -> bytes:
    """Return the request's body, unpacked, within limits."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BODY_BYTES:
        raise EventsError("too_large", f"the body must be at most {MAX_BODY_BYTES} bytes")
    body = request.read(MAX_BODY_BYTES + 1)
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "gzip":
        body = _unpack(body)
    elif encoding != "identity":
        raise EventsError("encoding", f"Content-Encoding == {encoding!r}, must be gzip or absent")
    if len(body) > MAX_BODY_BYTES:
        raise EventsError("too_large", f"the body must be at most {MAX_BODY_BYTES} bytes")
    return body


def _unpack(packed: bytes) -> bytes:
    """Unpack gzip, at most one byte past the limit: a bomb costs no more than a full body."""
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        return unpacker.decompress(packed, MAX_BODY_BYTES + 1)
    except zlib.error as error:
        raise EventsError("malformed", f"the body is not gzip: {error}") from error
