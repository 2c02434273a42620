"""The site as strangers reach it: through its proxy, by TLS, from any address of this machine."""

import http.client
import json
import re
import shutil
import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlencode

from tests.experiments.world import BROWSER

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
WITHIN_S = 60.0
VIEWER = "127.0.0.2"


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

    def answers(self) -> bool:
        """Tell whether the site behind the proxy is ready."""
        try:
            return self.ask("/readyz")[0] == 200
        except OSError:
            return False

    def ask(
        self,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        method: str = "",
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Return status, headers and content of an answer to the viewer."""
        with self.connect(VIEWER) as connection:
            asking = http.client.HTTPConnection("localhost", self.port)
            asking.sock = connection
            host = {"Host": f"localhost:{self.port}", "Connection": "close"}
            method = method or ("GET" if body is None else "POST")
            asking.request(method, path, body, host | (headers or {}))
            answer = asking.getresponse()
            return answer.status, answer.headers, answer.read()

    def request(self, method: str, path: str, body: bytes = b"") -> tuple[int, dict[str, object]]:
        """Return status and JSON of an answer, {} where it is none; status 0 where none came."""
        try:
            status, _, text = self.ask(path, body if method == "POST" else None,
                                       {"User-Agent": BROWSER})  # fmt: skip
            document: dict[str, object] = json.loads(text)
        except (OSError, http.client.HTTPException):
            return 0, {}
        except json.JSONDecodeError:
            return status, {}
        return status, document


@dataclass
class Person:
    """Somebody who has logged in at the console, with the cookie that it gave."""

    front: Front
    cookie: str

    def get(self, path: str) -> bytes:
        status, _, content = self.front.ask(path, headers={"Cookie": self.cookie})
        assert status == 200, (path, status)
        return content


def log_in(front: Front, name: str, password: str) -> Person:
    """Fill in the form of the console's door."""
    _, headers, page = front.ask("/console/login/")
    (token,) = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.decode())
    form = urlencode({"csrfmiddlewaretoken": token, "username": name, "password": password})
    sent = {
        "Cookie": headers["Set-Cookie"].partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://localhost:{front.port}/console/login/",
    }
    status, headers, _ = front.ask("/console/login/?next=/console/", form.encode(), sent)
    assert (status, headers["Location"]) == (302, "/console/")
    cookies = headers.get_all("Set-Cookie") or []
    assert all("Secure" in cookie for cookie in cookies)
    (session,) = (each for each in cookies if each.startswith("sessionid="))
    return Person(front, session.partition(";")[0])
