"""Origins: which sites' pages may use the doors of pages, by the key that they name.

A page of another origin names its site's key (`?key=…`), and the key lists its origins; the answer
then lets that page read it (CORS). This site's own pages, and programs, which send no origin, need
none. django-cors-headers knows one list for all, and stands in Django, behind these doors.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.db import connection

from experiments.access_keys import digest_of
from experiments.database_away import DATABASE_AWAY
from experiments.errors import NotReadyError
from experiments.serving import feed
from server.api.doors import UNAVAILABLE, Answer, Door
from server.api.parameters import ParameterError, parameters

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "7200",
}


class OriginError(Exception):
    """A page, or a program, that may not use the doors; its message says why."""


def for_origins(door: Door, note_refusal: Callable[[str], None] | None = None) -> Door:
    """Return the door, open to this site's own pages, to programs, and to pages by their key.

    Args:
        door: what answers.
        note_refusal: told the origin that was refused.
    """

    @wraps(door)
    def guarded(environ: Mapping[str, Any]) -> Answer:
        try:
            headers = _headers(environ)
            if environ["REQUEST_METHOD"] == "OPTIONS":
                return Answer(HTTPStatus.NO_CONTENT, None, {**headers, **PREFLIGHT})
            answer = door(environ)
        except OriginError as error:
            if note_refusal is not None and environ["REQUEST_METHOD"] == "POST":
                note_refusal(environ.get("HTTP_ORIGIN", ""))
            return Answer(HTTPStatus.FORBIDDEN, {"error": str(error)})
        except ParameterError as error:
            return Answer(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        except (NotReadyError, *DATABASE_AWAY):
            connection.close_if_unusable_or_obsolete()
            return UNAVAILABLE
        return replace(answer, headers={**answer.headers, **headers}) if headers else answer

    return guarded


def _headers(environ: Mapping[str, Any]) -> Mapping[str, str]:
    """Return what lets the page read the answer.

    Raises:
        OriginError: where it may not ask.
    """
    origin = environ.get("HTTP_ORIGIN", "")
    if not origin and "key" not in environ.get("QUERY_STRING", ""):
        return {}  # as most: nothing has to be looked up
    text = parameters(environ).get("key", "")
    key = feed.site_key(digest_of(text)) if text else None
    if text and key is None:
        raise OriginError(
            f"key == {text[:16]!r}…, must be a site's key that is neither revoked nor expired"
        )
    if not origin or _is_own(origin, environ):
        return {}
    if key is None or origin.lower() not in key.origins:
        raise OriginError(
            f"origin == {origin[:200]!r}, must be one that the site's key names (docs/embedding.md)"
        )
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _is_own(origin: str, environ: Mapping[str, Any]) -> bool:
    host = environ.get("HTTP_HOST", "")
    return bool(host) and origin.partition("://")[2] == host
