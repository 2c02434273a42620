"""The doors of pages: what a viewer's page asks and tells, answered before Django is.

Written against WSGI itself and mounted in front of Django in `server.wsgi`: of a batch of 20
events, or a page of 30 slots, Django's handler and middleware would cost as much as the work.
Nothing of theirs is needed here: there is no session, no form and no page, and signed tokens prove
what a cookie would. `as_view` gives Django the same doors, for servers that start elsewhere.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

if TYPE_CHECKING:
    from wsgiref.types import StartResponse

RETRY_AFTER_S = "2"
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client is told: a status, a body, and headers beside the usual ones.

    The body is bytes as they are, whatever else as JSON, or None.
    """

    status: HTTPStatus
    body: object
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def content(self) -> bytes:
        """The body's bytes."""
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else _encode(self.body)


Door = Callable[[Mapping[str, Any]], Answer]
UNAVAILABLE = Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    {"error": "the database is away: send the same again later"},
    {"Retry-After": RETRY_AFTER_S},
)


def serve(
    door: Door, environ: Mapping[str, Any], start_response: "StartResponse"
) -> Iterable[bytes]:
    """Let a door answer as a WSGI application does."""
    answer = door(environ)
    body = answer.content
    headers = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "X-Content-Type-Options": "nosniff",
        **answer.headers,
    }
    start_response(f"{answer.status.value} {answer.status.phrase}", list(headers.items()))
    return [body]


def as_view(door: Door) -> Callable[[HttpRequest], HttpResponse]:
    """Return a door as a view of Django's."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        answer = door(request.META)
        return HttpResponse(
            answer.content,
            status=answer.status,
            headers={"Content-Type": "application/json", **answer.headers},
        )

    return view
