"""Damaged requests at the doors of pages and programs: no 5xx, no crash, no hang.

Nothing damaged may be taken for true, either: only what was signed is stored.
"""

import io
import json
from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings

from experiments.models import Event, Intake
from experiments.serving import feed
from server.roles import Role
from server.wsgi import application
from tests.benchmarks.damage import Chance, Door, damaged, run
from tests.experiments.world import BROWSER, make_experiment
from tests.server.people import logged_in

pytestmark = [pytest.mark.functional, pytest.mark.django_db(transaction=True)]
VALUES: tuple[Any, ...] = (None, True, -1, 1e308, "", [], {}, "\0", [[]], 2**70, float("inf"))
CSRF = "a" * 32  # a cookie and a header that say the same
TURNS = 200  # in the suite
TOKENS = 100  # sent at once: each is judged by itself
MOST_PLACES = 500  # of uploads; each is a file
FORM = (
    b'--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n'
    b"Content-Type: text/csv\r\n\r\n%s\r\n"
    b'--b\r\nContent-Disposition: form-data; name="act"\r\n\r\nreport\r\n--b--\r\n'
)
FILM = b"\0\0\0\x18ftypmp42" + bytes(range(256))
TABLE = b"file,title\na.mp4,A film\nb/c.webm,B\n"
COUNTS = (
    b"test,arm,impressions,clicks,date\n"
    b"a,x,1000,10,2014-01-01\na,y,1000,12,2014-01-01\nb,x,900,9,2014-01-02\nb,y,950,3,2014-01-02\n"
)


def ask(method: str, path: str, query: str = "", body: bytes = b"", **more: str) -> int:
    """Send a request through the whole of the site; an answer of 5xx is a fault."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query,
        "HTTP_USER_AGENT": BROWSER, "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body), "HTTP_HOST": "127.0.0.1", **more,
    }  # fmt: skip
    setup_testing_defaults(environ)
    told: list[Any] = []
    b"".join(application(environ, lambda *start: told.extend(start)))  # type: ignore[arg-type]
    status = int(told[0][:3])
    if status >= 500:
        raise AssertionError(f"{status} to {method} {path}?{query} {more} {body!r:.300}")
    return status


def batch(events: list[dict[str, Any]], chance: Chance) -> bytes:
    """Return a batch whose fields, whose bytes or both are damaged."""
    chosen = [dict(chance.choice(events)) for _ in range(chance.randint(0, 3))]
    for event in chosen:
        if chance.random() < 0.5:
            event[chance.choice(("token", "step", "seconds", "more"))] = chance.choice(VALUES)
    content = json.dumps({"events": chosen}).encode()
    return damaged(content, chance) if chance.random() < 0.7 else content


def of_pages(events: list[dict[str, Any]]) -> dict[str, Door]:
    """Return the doors that anybody finds."""
    token = events[0]["token"]

    def tokens(chance: Chance) -> int:
        changed = [damaged(token.encode(), chance) for _ in range(TOKENS)]
        events = [{"token": each.decode(errors="replace"), "step": "viewable"} for each in changed]
        return ask("POST", "/api/events", body=json.dumps({"events": events}).encode())

    def one_batch(chance: Chance) -> int:
        more = {"HTTP_CONTENT_ENCODING": "gzip"} if chance.random() < 0.1 else {}
        return ask("POST", "/api/events", body=batch(events, chance), **more)

    def one_feed(chance: Chance) -> int:
        query = damaged(b"viewer=ann&count=20&page=1&experiment=pilot", chance)
        return ask("GET", "/api/feed", query=quote(query, safe="=&"))

    def one_page(chance: Chance) -> int:
        path = damaged(b"/watch/pilot-0/", chance).decode("latin-1")
        return ask("GET", "/" + path.lstrip("/"))

    return {
        "token": Door(tokens, 4, inputs=TOKENS),
        "batch": Door(one_batch, 10),
        "feed": Door(one_feed, 10),
        "page": Door(one_page),
    }


@dataclass(frozen=True)
class Operator:
    """Somebody who may send files, with a browser's cookies."""

    session: str

    def ask(self, method: str, path: str, body: bytes, **more: str) -> int:
        cookies = f"sessionid={self.session}; csrftoken={CSRF}"
        return ask(
            method, path, body=body, HTTP_COOKIE=cookies, HTTP_X_CSRFTOKEN=CSRF, **more
        )  # fmt: skip

    def send_form(
        self, path: str, field: bytes, name: bytes, content: bytes, chance: Chance
    ) -> int:
        """Send a file in a form; the file, its name or the whole form is damaged."""
        parts = [field, name, content]
        at = chance.randrange(4)
        if at < 3:
            parts[at] = damaged(parts[at], chance)
        form = FORM % tuple(parts)
        form = damaged(form, chance) if at == 3 else form
        return self.ask("POST", path, form, CONTENT_TYPE="multipart/form-data; boundary=b")

    def begin_pieces(self, chance: Chance) -> int:
        """Ask for the place of a file that is sent in pieces."""
        forget_some_places()
        name = b64encode(damaged(b"A film.mp4", chance)).decode()
        told = damaged(f"filename {name},changed Nw==".encode(), chance).decode("latin-1")
        size = damaged(b"300", chance).decode("latin-1")
        return self.ask("POST", "/console/uploads/pieces/", b"", HTTP_TUS_RESUMABLE="1.0.0",
                        HTTP_UPLOAD_METADATA=told, HTTP_UPLOAD_LENGTH=size)  # fmt: skip

    def send_piece(self, chance: Chance) -> int:
        """Send a piece to a place that there is."""
        key = Intake.objects.values_list("key", flat=True).order_by("?").first()
        path = f"/console/uploads/pieces/{key}/"
        offset = chance.choice(("0", damaged(b"0", chance).decode("latin-1")))
        kind = "application/offset+octet-stream"
        return self.ask("PATCH", path, damaged(FILM, chance), HTTP_TUS_RESUMABLE="1.0.0",
                        HTTP_UPLOAD_OFFSET=offset, CONTENT_TYPE=kind)  # fmt: skip


def forget_some_places() -> None:
    """Keep the uploads few: a run is long."""
    if Intake.objects.count() > MOST_PLACES:
        Intake.objects.all().delete()
        for place in settings.UPLOADS_ROOT.iterdir():
            place.unlink()


def of_files(operator: Operator) -> dict[str, Door]:
    """Return the doors that take files."""

    def form(path: str, field: bytes, name: bytes, content: bytes) -> Door:
        return Door(partial(operator.send_form, path, field, name, content))

    return {
        "begin pieces": Door(operator.begin_pieces, 3),
        "piece": Door(operator.send_piece, 3),
        "film": form("/console/uploads/", b"file", b"film.mp4", FILM),
        "film by API": form("/api/v1/uploads", b"file", b"film.mp4", FILM),
        "picture by API": form("/api/v1/videos/v0/creatives", b"file", b"own.png", FILM),
        "table": form("/console/uploads/server/", b"table", b"films.csv", TABLE),
        "counts": form("/dashboards/archives/", b"file", b"counts.csv", COUNTS),
    }


def test_no_damage_breaks_a_door(monkeypatch: pytest.MonkeyPatch) -> None:
    make_experiment(videos=30)
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda *_, **__: None)
    slots = feed.slots("ann", count=30).slots
    operator = Operator(logged_in(Role.OPERATOR).cookies["sessionid"].value)
    pages = of_pages([{"token": slot.token, "step": "viewable"} for slot in slots])
    seen = run(pages | of_files(operator), TURNS)
    assert seen.faults == {}
    assert Event.objects.count() <= 30  # what the feed had signed, and nothing else
