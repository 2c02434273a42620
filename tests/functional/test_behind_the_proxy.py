"""The site as strangers meet it: production settings, nginx in front, and clients who mean harm."""

import http.client
import json
import os
import re
import shutil
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Event, Thread

import pytest

from standalone.processes import free_port, programs
from standalone.production import production_environment
from standalone.proxy import Proxy
from tests.functional.own_site import own_site
from tests.waiting import wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [
    pytest.mark.functional,
    pytest.mark.skipif(NGINX is None, reason="no nginx: install it to see what it holds off"),
]
HALF_BODIES, SLOW_READERS = 64, 90
WITHIN_S = 60.0
ATTACKER, VIEWER = "127.0.0.1", "127.0.0.2"
FILM_BYTES = 30_000_000


@dataclass
class Front:
    """The site's address, and a film that it serves."""

    port: int
    http_port: int

    def connect(self, source: str) -> ssl.SSLSocket:
        """Return a connection from an address of this machine."""
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        plain = socket.create_connection(("127.0.0.1", self.port), WITHIN_S, (source, 0))
        return context.wrap_socket(plain)

    def ask(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Return status, headers and content of an answer to the viewer."""
        with self.connect(VIEWER) as connection:
            asking = http.client.HTTPConnection("localhost", self.port)
            asking.sock = connection
            host = {"Host": f"localhost:{self.port}", "Connection": "close"}
            asking.request("GET" if body is None else "POST", path, body, host | (headers or {}))
            answer = asking.getresponse()
            return answer.status, answer.headers, answer.read()


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
        proxy = Proxy(folder / "proxy", site.port, front.http_port, front.port, media)
        site.start_server(probe="/readyz")  # all else is led to https
        with programs({"proxy": proxy.command()}, os.environ):
            wait_until(lambda: answers(front), "the proxy answers")
            yield front


MAKE_ROOT = """
from django.contrib.auth.models import User
User.objects.create_superuser("root", password="a password of nobody else")
"""


def answers(front: Front) -> bool:
    try:
        return front.ask("/readyz")[0] == 200
    except OSError:
        return False


def drip(clients: Sequence[ssl.SSLSocket], enough: Event) -> None:
    """Send a byte now and then, for longer than anyone waits for an answer."""
    while not enough.wait(1.0):
        for client in clients:
            client.sendall(b" ")


def test_half_bodies_hold_nobody_up(front: Front) -> None:
    head = b"POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{"
    enough = Event()
    with ExitStack() as held:
        clients = [held.enter_context(front.connect(ATTACKER)) for _ in range(HALF_BODIES)]
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
        for _ in range(SLOW_READERS):
            reader = held.enter_context(front.connect(ATTACKER))
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
    _, headers, page = front.ask("/console/login/")
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.decode())
    form = f"csrfmiddlewaretoken={token}&username=root&password=a+password+of+nobody+else"
    sent = {
        "Cookie": headers["Set-Cookie"].partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://localhost:{front.port}/console/login/",
    }
    status, headers, _ = front.ask("/console/login/?next=/console/", form.encode(), sent)
    assert (status, headers["Location"]) == (302, "/console/")
    assert "Secure" in headers["Set-Cookie"]


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
