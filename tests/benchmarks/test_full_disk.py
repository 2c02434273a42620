"""A disk with no room at all, of the database or of files: what fails, and that it is over after.

A disk is a file system in memory, which only root may mount.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clips import write_clip
from tests.functional.clients import Clients
from tests.functional.own_site import ROOT, OwnSite, own_site
from tests.functional.uploading import sender

pytestmark = pytest.mark.benchmark
DISK_MB = 300
FILM_BYTES = 20_000_000


@contextmanager
def mounted(folder: Path) -> Iterator[Path]:
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=777", "tmpfs", str(folder)]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("a file system in memory cannot be mounted: that takes root")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@dataclass(frozen=True)
class Disks:
    """Those of a site."""

    database: Path
    files: Path


@pytest.fixture
def disks(tmp_path: Path) -> Iterator[Disks]:
    with mounted(tmp_path / "database") as database, mounted(tmp_path / "files") as files:
        yield Disks(database, files)


@pytest.fixture
def site(disks: Disks) -> Iterator[OwnSite]:
    with own_site(disks.database / "postgres") as running:
        for kind in ("MEDIA", "UPLOADS", "SPOOL", "FEATURES"):
            running.environment[f"COVERLIFT_{kind}_ROOT"] = str(disks.files / kind.lower())
        running.environment["TMPDIR"] = str(disks.files)
        running.start_server()
        yield running


@contextmanager
def no_room_left(disk: Path) -> Iterator[None]:
    """Take all that is free, to the last byte, and give it back."""
    ballast = disk / "ballast"
    with ballast.open("wb") as file:
        for block in (1 << 20, 1):
            with suppress(OSError):
                while True:
                    os.write(file.fileno(), bytes(block))
    try:
        yield
    finally:
        ballast.unlink()


def import_of(films: Path, site: OwnSite) -> str:
    """Bring films in by the command line, and return the last line that it says."""
    words = [sys.executable, "manage.py", "import_videos", str(films)]
    done = subprocess.run(
        words, env=site.environment, cwd=ROOT, text=True, capture_output=True, check=False
    )
    return (done.stderr or done.stdout).strip().splitlines()[-1]


def test_no_room_for_the_database(site: OwnSite, disks: Disks) -> None:
    ada = sender(site)
    clients = Clients(site, "full")
    clients.wait_until(200, times=20)
    with no_room_left(disks.database):
        clients.wait_until(503, times=3)
        read = [site.request("GET", path)[0] for path in ("/healthz", "/dashboards/")]
        assert ada.by_form("film.mp4", FILM_BYTES) == 503
    clients.wait_until(200, times=clients.answers[200] + 20)
    clients.finish()
    site.python("manage.py", "rollup")
    print(f"\nno room for the database: {dict(clients.answers)}, pages that read {read}")
    assert read == [200, 200]
    assert set(clients.answers) <= {200, 429, 503}
    assert clients.acknowledged == site.stored() == site.counted()


def test_no_room_for_files(site: OwnSite, disks: Disks, tmp_path: Path) -> None:
    ada, films = sender(site), tmp_path / "films"
    films.mkdir()
    write_clip(films / "clip.mp4", seconds=3)
    clients = Clients(site, "files")
    clients.wait_until(200, times=20)
    with no_room_left(disks.files):
        assert ada.by_form("film.mp4", FILM_BYTES) == 507
        said = import_of(films, site)
        clients.wait_until(200, times=clients.answers[200] + 20)
    clients.finish()
    assert ada.by_form("film.mp4", FILM_BYTES) == 302
    print(f"\nno room for files: {dict(clients.answers)}; import_videos: {said}")
    assert set(clients.answers) == {200}
    assert "None of 1 files" in said or "none of 1 files" in said
    assert import_of(films, site).startswith("1 ")
