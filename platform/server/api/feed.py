"""The feed's door: who asks for what in, slots with signed tokens out."""

from http import HTTPStatus

import msgspec
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from experiments.errors import ExperimentError, NotReadyError
from experiments.serving import feed
from server.api.events import UNAVAILABLE

MAX_VIEWER_CHARS = 200
MAX_PAGE = 10_000
_encode = msgspec.json.Encoder().encode


class ParameterError(ValueError):
    """A parameter of the address that cannot be meant; its message is for the caller."""


@require_GET
def show_feed(request: HttpRequest) -> HttpResponse:
    """Answer with a page of the feed; nothing is queried and nothing written."""
    try:
        shown = feed.slots(
            _viewer(request),
            count=_whole(request, "count", default=30, minimum=1, maximum=feed.MAX_SLOTS),
            page=_whole(request, "page", default=0, minimum=0, maximum=MAX_PAGE),
            experiment=request.GET.get("experiment"),
            arm=_arm(request),
            tracked=may_be_tracked(request),
        )
    except ParameterError as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.BAD_REQUEST)
    except ExperimentError as error:
        return JsonResponse({"error": str(error)}, status=HTTPStatus.NOT_FOUND)
    except (NotReadyError, OperationalError, InterfaceError):
        return JsonResponse(
            UNAVAILABLE.body, status=UNAVAILABLE.status, headers=UNAVAILABLE.headers
        )
    response = HttpResponse(_encode(shown), content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


def may_be_tracked(request: HttpRequest) -> bool:
    """Return False for a viewer who sends Do Not Track or Global Privacy Control, if honoured."""
    refuses = "1" in {request.headers.get("DNT"), request.headers.get("Sec-GPC")}
    return not (refuses and settings.HONOUR_DO_NOT_TRACK)


def _viewer(request: HttpRequest) -> str:
    viewer = request.GET.get("viewer", "")
    if not 1 <= len(viewer) <= MAX_VIEWER_CHARS:
        raise ParameterError(
            f"viewer has {len(viewer)} characters, must have 1 to {MAX_VIEWER_CHARS}"
        )
    return viewer


def _arm(request: HttpRequest) -> int | None:
    if "arm" not in request.GET:
        return None
    return _whole(request, "arm", default=0, minimum=0, maximum=255)


def _whole(request: HttpRequest, name: str, *, default: int, minimum: int, maximum: int) -> int:
    text = request.GET.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ParameterError(f"{name} == {text[:40]!r}, must be a whole number")
    number = int(text)
    if not minimum <= number <= maximum:
        raise ParameterError(f"{name} == {number}, must be from {minimum} to {maximum}")
    return number
