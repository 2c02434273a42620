"""Watching in a real browser: what is told is how much of the video played, and nothing else."""

import base64
import json
from pathlib import Path

import pytest

from tests import chromium
from tests.clips import write_clip

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.functional, chromium.needed]
SCRIPT = ROOT / "platform/server/static/coverlift/coverlift.js"
PAUSE_MS = 1500
# Plays a second, pauses for one and a half, jumps over seven, plays another second, and is left.
PAGE = """<!doctype html>
<script>
localStorage.setItem("coverlift.clicked", '[["other", "no"], ["a-video", "a-token"]]');
</script>
<script src="/coverlift.js"></script>
<video muted data-coverlift-watch="a-video" src="data:video/webm;base64,{video}"></video>
<script type="module">
const player = document.querySelector("video");
const until = (time) => new Promise((done) => {{
  const look = () => {{ if (player.currentTime >= time) done(); else setTimeout(look, 20); }};
  look();
}});
await player.play();
await until(1);
player.pause();
await new Promise((done) => setTimeout(done, {pause_ms}));
player.currentTime = 8;
await player.play();
await until(9);
dispatchEvent(new Event("pagehide"));
</script>"""


def test_pauses_and_jumps_are_not_watched(tmp_path: Path) -> None:
    write_clip(clip := tmp_path / "clip.webm", seconds=12)
    video = base64.b64encode(clip.read_bytes()).decode()
    page = PAGE.format(video=video, pause_ms=PAUSE_MS)
    files = {"coverlift.js": SCRIPT.read_bytes()}
    (told,) = json.loads(chromium.tells(page, files, tmp_path / "profile"))["events"]
    assert (told["token"], told["step"]) == ("a-token", "watched")
    # Two seconds or a little more; a busy machine may miss some of it, never add.
    assert 0 < told["seconds"] < 2.9
