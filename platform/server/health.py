"""Tells whoever watches the process whether it lives, whether it can serve, and what it counts."""

from collections.abc import Callable

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse

from server.metrics import metrics

View = Callable[[HttpRequest], HttpResponse]


def health(_request: HttpRequest) -> HttpResponse:
    """Answer 200: the process answers. To start it again would not bring a database back."""
    return HttpResponse("ok", content_type="text/plain")


def readiness(_request: HttpRequest) -> HttpResponse:
    """Answer 200 where the database answers, 503 with the reason where it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error as error:
        connection.close()
        text = f"the database does not answer: {error}"
        return HttpResponse(text, status=503, content_type="text/plain", headers={"Retry-After": 5})
    return HttpResponse("ok", content_type="text/plain")


PROBES = {"/healthz": health, "/readyz": readiness, "/metrics": metrics}


def answer_probes(get_response: View) -> View:
    """Answer probes before anything asks for the host's name: they come by address, over http."""

    def answer(request: HttpRequest) -> HttpResponse:
        return PROBES.get(request.path, get_response)(request)

    return answer
