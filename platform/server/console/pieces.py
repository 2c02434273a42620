"""Uploads in pieces that resume, by the tus protocol 1.0.0 (https://tus.io/protocols/resumable-upload).

Core and creation, as far as a browser and well-known clients need them. A file that its sender has
begun already is gone on with: `create` answers with the address that it had, and its offset.
"""

from base64 import b64decode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from experiments.errors import IntakeError
from experiments.making import intake
from experiments.making.intake import OffsetError
from experiments.models import Intake
from server.console.workers import tell_workers

VERSION = {"Tus-Resumable": "1.0.0", "Cache-Control": "no-store"}
OFFSET, LENGTH, LOCATION = "Upload-Offset", "Upload-Length", "Location"
MOST_DIGITS = 18  # what the database holds
PIECE_TYPE = "application/offset+octet-stream"


@require_http_methods(["POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Make the place for a file's pieces: 201 with its address, 400 with the reason why not."""
    told = _metadata(request.headers.get("Upload-Metadata", ""))
    try:
        begun = intake.begin(
            told.get("filename", ""),
            _number(request, LENGTH),
            who=request.user.get_username(),
            changed_ms=_whole("changed", told.get("changed", "0")),
        )
    except (IntakeError, ValueError) as error:
        return _answer(400, str(error))
    at = reverse("console:piece", args=[begun.key])
    return _answer(201, **{LOCATION: at, OFFSET: str(intake.offset(begun))})


@require_http_methods(["HEAD", "PATCH"])
def piece(request: HttpRequest, key: UUID) -> HttpResponse:
    """Say how much of a file is there, or add a piece: 204 with the new offset."""
    begun = get_object_or_404(Intake, key=key, who=request.user.get_username(), path="")
    if request.method == "HEAD":
        offset, length = str(intake.offset(begun)), str(begun.size_bytes)
        return _answer(200, **{OFFSET: offset, LENGTH: length})
    if begun.state == Intake.State.REFUSED:
        return _answer(400, begun.reason)
    if request.content_type != PIECE_TYPE:
        return _answer(415, f"Content-Type == {request.content_type!r}, must be {PIECE_TYPE}")
    return _received(request, begun)


def _received(request: HttpRequest, begun: Intake) -> HttpResponse:
    try:
        offset = intake.receive(begun, _number(request, OFFSET), request)
    except OffsetError as error:
        return _answer(409, str(error), **{OFFSET: str(error.offset)})
    except (IntakeError, ValueError) as error:
        return _answer(400, str(error))
    except UnreadablePostError:
        return _answer(400, "the connection broke off: ask for the offset, and go on there")
    if offset == begun.size_bytes:
        tell_workers(request, 1)
    return _answer(204, **{OFFSET: str(offset)})


def _number(request: HttpRequest, header: str) -> int:
    """Return the whole number of a header.

    Raises:
        ValueError: where it is none.
    """
    return _whole(header, request.headers.get(header, ""))


def _whole(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise ValueError(f"{name} == {text[:30]!r}, must be a whole number below 10^{MOST_DIGITS}")
    return int(text)


def _metadata(text: str) -> dict[str, str]:
    """Return the pairs of a tus header; what cannot be read is left out."""
    told = {}
    for pair in text.split(","):
        name, _, value = pair.strip().partition(" ")
        try:
            told[name] = b64decode(value, validate=True).decode()
        except ValueError:
            continue
    return told


def _answer(status: int, text: str = "", **headers: str) -> HttpResponse:
    content_type = "text/plain; charset=utf-8"
    return HttpResponse(text, content_type=content_type, status=status, headers=VERSION | headers)
