"""The web process's door: events pass Django by, and are answered as through it."""

import gc
import io
import json
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.test import Client

from experiments.serving import feed
from server.wsgi import application
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def ask(method: str, path: str, body: bytes, **more: str) -> tuple[str, dict[str, str], bytes]:
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_USER_AGENT": BROWSER,
        "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), **more,
    }  # fmt: skip
    setup_testing_defaults(environ)
    told: list[Any] = []
    content = b"".join(application(environ, lambda *start: told.extend(start)))  # type: ignore[arg-type]
    status, headers = told
    return status, dict(headers), content


def a_batch() -> bytes:
    make_experiment()
    events = [{"token": slot.token, "step": "viewable"} for slot in feed.slots("ann").slots]
    return json.dumps({"events": events}).encode()


def test_events_are_stored_and_answered_as_through_django() -> None:
    body = a_batch()
    status, headers, content = ask("POST", "/api/events", body)
    assert (status, headers["Content-Type"]) == ("200 OK", "application/json")
    assert int(headers["Content-Length"]) == len(content)
    assert json.loads(content) == {"accepted": 3, "duplicate": 0, "rejected": {}}
    again = Client().post("/api/events", body, content_type="text/plain")
    assert again.json() == {"accepted": 0, "duplicate": 3, "rejected": {}}


def test_only_post_is_taken() -> None:
    status, headers, _ = ask("GET", "/api/events", b"")
    assert (status, headers["Allow"]) == ("405 Method Not Allowed", "POST")


@pytest.mark.parametrize("length", ["-1", "many", "1e3", "٣"])
def test_a_length_that_is_no_number_is_refused(length: str) -> None:
    status, _, content = ask("POST", "/api/events", b"{}", CONTENT_LENGTH=length)
    assert status == "400 Bad Request"
    assert json.loads(content)["rejected"] == {"malformed": 1}


def test_all_else_is_djangos() -> None:
    status, headers, _ = ask("GET", "/api/nothing", b"", HTTP_HOST="127.0.0.1")
    assert status == "404 Not Found"
    assert headers["X-Frame-Options"] == "DENY"  # of a middleware


def test_what_is_loaded_at_the_start_is_not_looked_through_again() -> None:
    assert gc.get_freeze_count() > 50_000
