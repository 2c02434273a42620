"""The feed's door: who asks for what in, slots with signed tokens out."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from django.db import InterfaceError, OperationalError

from experiments.errors import EndedError, ExperimentError, NotReadyError
from experiments.serving import feed
from server.api.doors import UNAVAILABLE, Answer

MAX_VIEWER_CHARS = 200
MAX_PAGE = 10_000
MAX_PARAMETERS = 20
NOT_KEPT = {"Cache-Control": "no-store"}
ONLY_GET = Answer(
    HTTPStatus.METHOD_NOT_ALLOWED, {"error": "a feed is asked for by GET"}, {"Allow": "GET"}
)
Parameters = Mapping[str, str]


class ParameterError(ValueError):
    """A parameter of the address that cannot be meant; its message is for the caller."""


def show_feed(environ: Mapping[str, Any]) -> Answer:
    """Answer with a page of the feed; nothing is queried and nothing written."""
    if environ["REQUEST_METHOD"] != "GET":
        return ONLY_GET
    try:
        shown = _asked_for(_parameters(environ), tracked=may_be_tracked(environ))
    except ParameterError as error:
        return Answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
    except EndedError as error:
        return Answer(HTTPStatus.GONE, {"error": str(error)})
    except ExperimentError as error:
        return Answer(HTTPStatus.NOT_FOUND, {"error": str(error)})
    except (NotReadyError, OperationalError, InterfaceError):
        return UNAVAILABLE
    return Answer(HTTPStatus.OK, shown, NOT_KEPT)


def may_be_tracked(environ: Mapping[str, Any]) -> bool:
    """Return False for a viewer who sends Do Not Track or Global Privacy Control, if honoured."""
    refuses = "1" in {environ.get("HTTP_DNT"), environ.get("HTTP_SEC_GPC")}
    return not (refuses and settings.HONOUR_DO_NOT_TRACK)


def _asked_for(given: Parameters, *, tracked: bool) -> feed.Feed:
    return feed.slots(
        _viewer(given),
        count=_whole(given, "count", default=30, minimum=1, maximum=feed.MAX_SLOTS),
        page=_whole(given, "page", default=0, minimum=0, maximum=MAX_PAGE),
        experiment=given.get("experiment"),
        arm=_arm(given),
        tracked=tracked,
    )


def _parameters(environ: Mapping[str, Any]) -> Parameters:
    text = environ.get("QUERY_STRING", "").encode("latin-1").decode(errors="replace")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_PARAMETERS))
    except ValueError as error:
        raise ParameterError(f"there are over {MAX_PARAMETERS} parameters") from error


def _viewer(given: Parameters) -> str:
    viewer = given.get("viewer", "")
    if not 1 <= len(viewer) <= MAX_VIEWER_CHARS:
        raise ParameterError(
            f"viewer has {len(viewer)} characters, must have 1 to {MAX_VIEWER_CHARS}"
        )
    return viewer


def _arm(given: Parameters) -> int | None:
    if "arm" not in given:
        return None
    return _whole(given, "arm", default=0, minimum=0, maximum=255)


def _whole(given: Parameters, name: str, *, default: int, minimum: int, maximum: int) -> int:
    text = given.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise ParameterError(f"{name} == {text[:40]!r}, must be a whole number")
    number = int(text)
    if not minimum <= number <= maximum:
        raise ParameterError(f"{name} == {number}, must be from {minimum} to {maximum}")
    return number
