"""Tells whoever watches the process whether it lives, and whether it can serve."""

from django.db import Error, connection
from django.http import HttpRequest, HttpResponse


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
