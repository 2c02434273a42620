"""A large upload is never held in memory, neither in pieces nor as the one body of a form."""

from pathlib import Path

import pytest

from tests.benchmarks.memory import MemoryWatch
from tests.functional.own_site import own_site
from tests.functional.uploading import sender

pytestmark = pytest.mark.functional
FORM_BYTES, PIECES_BYTES = 120_000_000, 20_000_000  # docs/benchmarks.md has 2 GB
MOST_MB = 200


def test_a_web_process_stays_small(tmp_path: Path) -> None:
    with own_site(tmp_path / "postgres") as site:
        for kind in ("MEDIA", "UPLOADS"):
            site.environment[f"COVERLIFT_{kind}_ROOT"] = str(tmp_path / kind.lower())
        site.environment["TMPDIR"] = str(tmp_path)
        site.start_server()
        ada = sender(site)
        assert site.server is not None
        watch = MemoryWatch(site.server.pid)
        assert ada.by_form("form.mp4", FORM_BYTES) == 302
        assert ada.by_pieces("pieces.mp4", PIECES_BYTES) == PIECES_BYTES
        assert watch.stop().largest < MOST_MB
        received = {path.stat().st_size for path in (tmp_path / "uploads").iterdir()}
        assert received == {FORM_BYTES, PIECES_BYTES}
