"""Tells whoever watches the process whether it lives, whether it can serve, and what it counts."""

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from server import __version__
from server.access import came_through_proxy
from server.metrics import metrics
from server.watching import SERVING, Finding

View = Callable[[HttpRequest], HttpResponse]
Part = dict[str, str]
OK, DEGRADED, AWAY, UNKNOWN = "ok", "degraded", "away", "unknown"


def health(request: HttpRequest) -> HttpResponse:
    """Answer 200: the process answers. To start it again would not bring a database back."""
    text = "ok" if came_through_proxy(request) else f"ok, Coverlift {__version__}"
    return HttpResponse(text, content_type="text/plain")


def readiness(request: HttpRequest) -> HttpResponse:
    """Answer 200 where the site can serve, 503 where the database, which that takes, is away.

    The answer is ``{"state": …, "parts": {name: {"state": …, "says": a sentence}}}``; a stranger,
    who comes through the proxy, is told the site's state alone.
    """
    database = _database()
    if came_through_proxy(request):
        return _answer(database["state"])
    parts = {"database": database}
    for name, look in SERVING.items():
        parts[name] = _part(look)
    state = OK if all(part["state"] == OK for part in parts.values()) else DEGRADED
    return _answer(AWAY if database["state"] == AWAY else state, parts=parts)


def _answer(state: str, **more: object) -> HttpResponse:
    if state == AWAY:
        document = {"state": state, **more}
        return JsonResponse(document, status=503, headers={"Retry-After": 5})
    return JsonResponse({"state": state, **more})


def _database() -> Part:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        connection.close()
        return {"state": AWAY, "says": f"The database does not answer: {error}"}
    return {"state": OK, "says": "The database answers."}


def _part(look: Callable[[], Finding]) -> Part:
    try:
        found = look()
    except Error:
        connection.close()
        return {"state": UNKNOWN, "says": "The database, which would tell, does not answer."}
    if found.is_bad:
        return {"state": DEGRADED, "says": f"{found.says} {found.remedy}"}
    return {"state": OK, "says": found.says}


PROBES = {"/healthz": health, "/readyz": readiness, "/metrics": metrics}


def answer_probes(get_response: View) -> View:
    """Answer probes before anything asks for the host's name: they come by address, over http."""

    def answer(request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, get_response)(request)

    return answer
