"""Errors and traces reach who is to get them, and do not name the viewer."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from server import telemetry

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import io
from wsgiref.util import setup_testing_defaults
from server.wsgi import application
environ = {"PATH_INFO": "/feed/pilot/", "QUERY_STRING": "viewer=ann", "HTTP_HOST": "localhost",
           "HTTP_COOKIE": "viewer=ann", "wsgi.input": io.BytesIO(b"")}
setup_testing_defaults(environ)
b"".join(application(environ, lambda status, *_: print(status, flush=True)))
import sentry_sdk
from opentelemetry import trace
sentry_sdk.flush()
trace.get_tracer_provider().shutdown()
"""


class Collector(HTTPServer):
    """Takes what is posted to it."""

    def __init__(self) -> None:
        self.taken: dict[str, list[bytes]] = {}
        super().__init__(("127.0.0.1", 0), Taking)


class Taking(BaseHTTPRequestHandler):
    server: Collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        self.server.taken.setdefault(self.path, []).append(body)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_error_and_its_trace_are_sent_without_the_viewer(collector: Collector) -> None:
    address = f"127.0.0.1:{collector.server_port}"
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=ROOT,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}",
            "DATABASE_URL": "postgres://user:hidden@127.0.0.1:9/away",
            "COVERLIFT_SENTRY_DSN": f"http://key@{address}/1",
            "COVERLIFT_TRACES_URL": f"http://{address}/v1/traces",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("503"), done.stderr
    envelopes = collector.taken["/api/1/envelope/"]
    events = [json.loads(each.splitlines()[2]) for each in envelopes]
    (event,) = (each for each in events if "does not answer" in str(each.get("logentry")))
    assert event["request"]["url"].endswith("/feed/pilot/")
    sent = ExportTraceServiceRequest.FromString(collector.taken["/v1/traces"][0])
    (resource,) = sent.resource_spans
    (span,) = resource.scope_spans[0].spans
    assert any(a.value.string_value == "coverlift" for a in resource.resource.attributes)
    assert span.name.startswith("GET")
    for secret in (b"viewer=ann", b"hidden"):
        assert secret not in b"".join([*envelopes, *collector.taken["/v1/traces"]])


def test_packages_that_are_missing_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert telemetry.is_installed()
    monkeypatch.setattr(telemetry, "PACKAGES", ("nothing_of_this_name.sdk",))
    assert not telemetry.is_installed()
