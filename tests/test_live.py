"""A test's own site, which ends with the test."""

import socket
import threading
from typing import Any, cast

import pytest
from django.core.handlers.wsgi import WSGIHandler
from pytest_django.live_server_helper import LiveServer

from tests import live
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_what_was_asked_is_answered_before_the_site_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, may_answer, answered = threading.Event(), threading.Event(), []
    respond = WSGIHandler.get_response

    def slow(handler: Any, request: Any) -> Any:
        asked.set()
        may_answer.wait()
        answered.append(request.path)
        return respond(handler, request)

    monkeypatch.setattr(WSGIHandler, "get_response", slow)
    with live.served() as server, connected(server) as client:
        client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        asked.wait()
        # Longer than a server takes to notice that it is to end.
        threading.Timer(1.0, may_answer.set).start()
    assert answered == ["/healthz"]


def test_a_connection_that_asks_nothing_does_not_hold_the_site() -> None:
    with live.served() as server:
        client = connected(server)
        site = cast("live.FinishingServer", server.thread.httpd)
        wait_until(lambda: bool(site.connected), "the site has the connection")
    assert client.recv(1) == b""  # the site has closed it
    client.close()
    with pytest.raises(ConnectionRefusedError):
        connected(server)


def connected(server: LiveServer) -> socket.socket:
    """Return a connection to the site."""
    return socket.create_connection((server.thread.host, server.thread.port))
