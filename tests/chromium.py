"""Chromium, without a window: what a page becomes in it, and what it shows of a file."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

from tests.waiting import PATIENCE_S

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PROGRAM = next((found for name in NAMES if (found := shutil.which(name))), None)
needed = pytest.mark.skipif(PROGRAM is None, reason="no chromium: install it to see what it shows")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,900",
)  # fmt: skip


def visit(address: str, folder: Path, *flags: str, budget_ms: int = 8000) -> str:
    """Open a page for some time of the browser's own clock and return what it became."""
    words = _words(address, folder, f"--virtual-time-budget={budget_ms}", "--dump-dom", *flags)
    done = subprocess.run(
        words, capture_output=True, check=True, timeout=PATIENCE_S, text=True, env=_home(folder)
    )
    return done.stdout


def tells(page: str, files: Mapping[str, bytes], folder: Path) -> bytes:
    """Open the page, which finds the files beside it, and return the first bytes that it posts."""
    told: Queue[bytes] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # http.server's name
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(files.get(self.path[1:], page.encode()))

        def do_POST(self) -> None:  # http.server's name
            told.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever).start()
        address = f"http://127.0.0.1:{server.server_port}/"
        browser = subprocess.Popen(
            _words(address, folder, "--remote-debugging-port=0"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_home(folder),
        )
        try:
            return told.get(timeout=PATIENCE_S)
        finally:
            browser.terminate()
            browser.wait(timeout=PATIENCE_S)
            server.shutdown()


def _words(address: str, folder: Path, *flags: str) -> list[str]:
    return [str(PROGRAM), *FLAGS, f"--user-data-dir={folder}", *flags, address]


def _home(folder: Path) -> dict[str, str]:
    """A browser keeps notes in the home folder too, whatever its profile."""
    own = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(folder))
    return {**os.environ, **own}
