"""The site as strangers meet it: production settings, nginx in front, and clients who mean harm."""

import http.client
import json
import os
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import cycle, islice
from threading import Event, Thread

import pytest

from standalone.processes import free_port, programs
from standalone.production import production_environment
from standalone.proxy import Proxy
from tests.functional.front import NGINX, WITHIN_S, Front, log_in
from tests.functional.own_site import own_site
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.functional,
    pytest.mark.skipif(NGINX is None, reason="no nginx: install it to see what it holds off"),
]
HALF_BODIES, SLOW_READERS = 250, 250
ATTACKERS = ("127.0.0.1", "127.0.0.3", "127.0.0.4")
PASSWORD = "a password of nobody else"
FILM_BYTES = 30_000_000


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("production")
    media = folder / "media"
    (media / "videos").mkdir(parents=True)
    (media / "videos" / "film.mp4").write_bytes(bytes(FILM_BYTES))
    (media / "videos" / "page.html").write_text("<script>alert(1)</script>")
    (media / "videos" / ".part-x").write_text("unfinished")
    with own_site(folder / "postgres") as site:
        site.environment |= production_environment(folder) | {"COVERLIFT_MEDIA_ROOT": str(media)}
        site.python("manage.py", "shell", "-v", "0", "-c", MAKE_ROOT)
        front = Front(free_port(), free_port())
        proxy = Proxy(folder / "proxy", [site.port], front.http_port, front.port, media)
        site.start_server(probe="/readyz")  # all else is led to https
        with programs({"proxy": proxy.command()}, os.environ):
            wait_until(front.answers, "the proxy answers")
            yield front


MAKE_ROOT = f"""
from django.contrib.auth.models import User
User.objects.create_superuser("root", password="{PASSWORD}")
"""


def drip(clients: Sequence[ssl.SSLSocket], enough: Event) -> None:
    """Send a byte now and then, for longer than anyone waits for an answer."""
    while not enough.wait(1.0):
        for client in clients:
            client.sendall(b" ")


def attackers(clients: int) -> Iterator[str]:
    """Yield an address for each of so many clients: one address may have 100."""
    yield from islice(cycle(ATTACKERS), clients)


def test_half_bodies_hold_nobody_up(front: Front) -> None:
    head = b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
    enough = Event()
    with ExitStack() as held:
        clients = [held.enter_context(front.connect(each)) for each in attackers(HALF_BODIES)]
        for client in clients:
            client.sendall(head)
        dripping = Thread(target=drip, args=(clients, enough))
        dripping.start()
        held.callback(dripping.join)
        held.callback(enough.set)
        assert front.ask("/api/feed?viewer=ann")[0] == 200
        assert front.ask("/readyz")[0] == 200


def test_slow_readers_hold_nobody_up(front: Front) -> None:
    head = b"GET /media/videos/film.mp4 HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as held:
        for each in attackers(SLOW_READERS):
            reader = held.enter_context(front.connect(each))
            reader.sendall(head)
            assert reader.recv(1)
        assert front.ask("/api/feed?viewer=ann")[0] == 200
        assert len(front.ask("/media/videos/film.mp4")[2]) == FILM_BYTES


def test_a_viewer_stays_the_same_one_and_counts(front: Front) -> None:
    _, headers, content = front.ask("/feed/pilot/")
    cookie = headers["Set-Cookie"]
    assert "Secure" in cookie
    again = front.ask("/feed/pilot/", headers={"Cookie": cookie.partition(";")[0]})
    arms = re.compile(rb'<img src="([^"]+)"')
    assert arms.findall(again[2]) == arms.findall(content) != []
    (token, *_) = re.findall(r'data-coverlift-token="([^"]+)"', content.decode())
    events = json.dumps({"events": [{"token": token, "step": "click"}]}).encode()
    assert json.loads(front.ask("/api/events", events)[2])["accepted"] == 1


def test_the_staff_can_log_in(front: Front) -> None:
    assert b"State of the site" in log_in(front, "root", PASSWORD).get("/console/status/")


def test_http_leads_to_https_and_browsers_remember_it(front: Front) -> None:
    plain = http.client.HTTPConnection("127.0.0.1", front.http_port, timeout=WITHIN_S)
    plain.request("GET", "/feed/pilot/", headers={"Host": "localhost"})
    answer = plain.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/feed/pilot/")
    plain.close()
    for path in ("/", "/media/videos/film.mp4"):
        assert front.ask(path)[1]["Strict-Transport-Security"] == "max-age=31536000"


def test_media_are_pictures_films_or_to_be_saved(front: Front) -> None:
    assert front.ask("/media/videos/film.mp4")[1]["Content-Type"] == "video/mp4"
    _, headers, _ = front.ask("/media/videos/page.html")
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == "attachment"
    assert headers["X-Content-Type-Options"] == "nosniff"
    for path in ("/media/videos/.part-x", "/media/../site.key", "/media/videos/"):
        assert front.ask(path)[0] in {400, 403, 404}
