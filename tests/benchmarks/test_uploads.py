"""Large uploads: the memory of the web processes that receive them, and the speed."""

import time
from pathlib import Path

import pytest

from tests.benchmarks.memory import MemoryWatch
from tests.functional.own_site import own_site
from tests.functional.uploading import sender

pytestmark = pytest.mark.benchmark
SIZE_BYTES = 2_000_000_000


def test_memory_of_web_processes_that_receive_2_gb(tmp_path: Path) -> None:
    with own_site(tmp_path / "postgres") as site:
        for kind in ("MEDIA", "UPLOADS"):
            site.environment[f"COVERLIFT_{kind}_ROOT"] = str(tmp_path / kind.lower())
        site.environment["TMPDIR"] = str(tmp_path)
        site.start_server()
        ada = sender(site)
        for name, send in (("pieces", ada.by_pieces), ("form", ada.by_form)):
            assert site.server is not None
            watch, start = MemoryWatch(site.server.pid), time.monotonic()
            send(f"{name}.mp4", SIZE_BYTES)
            peak, took_s = watch.stop(), time.monotonic() - start
            print(
                f"\n2 GB by {name}: {took_s:.1f} s, {SIZE_BYTES / took_s / 1e6:.0f} MB/s; largest "
                f"process {peak.largest:.0f} MB, all of the server {peak.together:.0f} MB"
            )
