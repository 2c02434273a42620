"""What viewers wait for: the feed's paint, shift and blocking, on a slow telephone and a desk."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Browser, CDPSession
from pytest_django.fixtures import Settings

from experiments.models import Thumbnail
from experiments.serving import feed
from tests import browser, chromium
from tests.experiments.world import make_experiment

pytestmark = [
    pytest.mark.benchmark,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]
VIDEOS, LOADS = 60, 5
# Lighthouse's own limits of a slow telephone.
SLOW_4G = {"latency": 150.0, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 750e3 / 8}
WAYS: dict[str, dict[str, Any]] = {
    "a telephone, processor 4 times slower, slow 4G": {
        "viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "slow": True,
    },
    "a desk, no limits": {"viewport": {"width": 1366, "height": 900}, "slow": False},
}  # fmt: skip
# Largest Contentful Paint, Cumulative Layout Shift, and Total Blocking Time: of each long task what
# goes beyond 50 ms (web.dev).
OBSERVE = """
window.seen = { lcp: 0, cls: 0, blocked: 0 };
const on = (type, note) => new PerformanceObserver((list) => list.getEntries().forEach(note))
  .observe({ type, buffered: true });
on("largest-contentful-paint", (each) => { seen.lcp = each.startTime; });
on("layout-shift", (each) => { if (!each.hadRecentInput) seen.cls += each.value; });
on("longtask", (each) => { seen.blocked += Math.max(each.duration - 50, 0); });
"""

SIZES = """["navigation", "resource"].flatMap((type) => performance.getEntriesByType(type))
  .reduce((sum, each) => sum + each.encodedBodySize, 0)"""


@pytest.fixture
def chrome() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def site(settings: Settings, tmp_path: Path, live_server: Any) -> str:
    """Start an experiment whose GIFs have the size of real ones, and return its feed's address."""
    settings.MEDIA_ROOT = tmp_path / "media"
    make_experiment(videos=VIDEOS, weights=(1, 1, 0))
    files = dict(real_sized())
    for thumbnail in Thumbnail.objects.exclude(selector="gevaden"):
        moves = thumbnail.selector != "raw"
        names = [name for name in files if moves or name == "still"]
        thumbnail.renditions = [stored(f"{thumbnail.pk}.{name}", files[name]) for name in names]
        thumbnail.file.name = thumbnail.renditions[0]["file"]
        thumbnail.save()
    feed.refresh()
    return f"{live_server.url}/feed/pilot/"


def stored(name: str, content: bytes) -> dict[str, object]:
    """Keep a file, and return its entry among a thumbnail's renditions."""
    kind = name.rpartition(".")[2]
    return {
        "name": kind, "file": default_storage.save(name, ContentFile(content)), "width": 320,
        "media_type": "image/jpeg" if kind == "still" else f"image/{kind}", "height": 180,
        "size_bytes": len(content),
    }  # fmt: skip


def real_sized() -> Iterator[tuple[str, bytes]]:
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 256, (12, 18, 32, 3), dtype=np.uint8)
    frames = [Image.fromarray(each).resize((320, 180), Image.Resampling.BICUBIC) for each in coarse]
    for name in ("gif", "webp", "avif"):
        file = BytesIO()
        frames[0].save(file, name, save_all=True, append_images=frames[1:], duration=250, loop=0)
        yield name, file.getvalue()
    frames[0].save(still := BytesIO(), "JPEG")
    yield "still", still.getvalue()


def slow_down(session: CDPSession) -> None:
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", {"offline": False, **SLOW_4G})
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})


def look(chrome: Browser, address: str, *, slow: bool, **screen: Any) -> dict[str, float]:
    """Load the feed afresh, scroll through its first rows, and return what a viewer waited for."""
    context = browser.patient(chrome.new_context(**screen))
    context.add_init_script(OBSERVE)
    page = context.new_page()
    if slow:
        slow_down(context.new_cdp_session(page))
    page.goto(address, wait_until="networkidle")
    kilobytes = page.evaluate(SIZES) / 1e3
    for _ in range(6):
        page.mouse.wheel(0, 800)
        page.wait_for_timeout(250)
    found: dict[str, float] = page.evaluate("seen")
    context.close()
    return found | {"kilobytes": kilobytes}


@pytest.mark.parametrize("way", WAYS)
def test_what_a_viewer_waits_for(
    site: str, chrome: Browser, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    looks = [look(chrome, site, **WAYS[way]) for _ in range(LOADS)]
    half = {name: float(np.median([each[name] for each in looks])) for name in looks[0]}
    with capsys.disabled():
        print(
            f"\nthe feed on {way}: largest paint {half['lcp'] / 1000:.2f} s, layout shift"
            f" {half['cls']:.3f}, blocked {half['blocked']:.0f} ms,"
            f" {half['kilobytes']:.0f} kB before scrolling"
        )
    assert half["cls"] == 0
