"""Chromium, without a window: what a page becomes in it, and what it shows of a file."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.waiting import PATIENCE_S

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PROGRAM = next((found for name in NAMES if (found := shutil.which(name))), None)
needed = pytest.mark.skipif(PROGRAM is None, reason="no chromium: install it to see what it shows")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--window-size=1280,900",
)  # fmt: skip


# Posts of each film its shown width and height, then its pixels; 0 and 0 of what it cannot play.
FRAMES_PAGE = """<!doctype html><script type="module">
const told = [];
for (const name of await (await fetch("/names.json")).json()) {
  const video = document.createElement("video");
  video.muted = true;
  video.src = URL.createObjectURL(await (await fetch("/" + name)).blob());
  const plays = await new Promise(done => {
    video.onloadeddata = () => done(video.videoWidth > 0);
    video.onerror = () => done(false);
  });
  if (!plays) { told.push(new Uint32Array([0, 0])); continue; }
  video.currentTime = TIME_S;
  await new Promise(done => { video.onseeked = done; });
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  const context = canvas.getContext("2d");
  const drawn = () => {
    context.drawImage(video, 0, 0);
    return context.getImageData(0, 0, canvas.width, canvas.height).data;
  };
  // A seek can end before its picture is at hand: then nothing is drawn, and stays transparent.
  while (drawn()[3] == 0) await new Promise(done => setTimeout(done, 20));
  told.push(new Uint32Array([canvas.width, canvas.height]));
  told.push(drawn());
}
await fetch("/told", {method: "POST", body: new Blob(told)});
</script>"""


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


def frames(films: Mapping[str, Path], time_s: float, folder: Path) -> dict[str, NDArray[np.uint8]]:
    """Return what a <video> shows at this time of each film that it plays: (H, W, 3) RGB."""
    served = {name: path.read_bytes() for name, path in films.items()}
    served["names.json"] = json.dumps(list(films)).encode()
    told = tells(FRAMES_PAGE.replace("TIME_S", str(time_s)), served, folder)
    shown, at = {}, 0
    for name in films:
        width, height = np.frombuffer(told, np.uint32, 2, at)
        pixels = np.frombuffer(told, np.uint8, 4 * width * height, at + 8)
        at += 8 + len(pixels)
        if len(pixels):
            shown[name] = pixels.reshape(height, width, 4)[..., :3]
    return shown


def _words(address: str, folder: Path, *flags: str) -> list[str]:
    return [str(PROGRAM), *FLAGS, f"--user-data-dir={folder}", *flags, address]


def _home(folder: Path) -> dict[str, str]:
    """A browser keeps notes in the home folder too, whatever its profile."""
    own = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(folder))
    return {**os.environ, **own}
