"""What Chromium shows of a file: a page of a test's own looks at it and posts what it sees."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest

PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
needed = pytest.mark.skipif(PROGRAM is None, reason="no chromium: install it to see what it shows")


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
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        command = [str(PROGRAM), *flags, f"--user-data-dir={folder}", address]
        own = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(folder))
        browser = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **own},
        )
        try:
            return told.get(timeout=60)
        finally:
            browser.terminate()
            browser.wait(timeout=30)
            server.shutdown()
