"""Thumbnails and videos, whole and in parts."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from server.pages.media import BLOCK_BYTES, RangeError, wanted_range

FILM = bytes(range(256)) * 1000


@pytest.fixture
def film(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    file: Path = tmp_path / "media" / "videos" / "bikes.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(FILM)
    (tmp_path / "secret.txt").write_text("secret")
    return file


def test_a_file_comes_whole_with_its_type_and_a_lasting_cache(client: Client, film: Path) -> None:
    answer = client.get("/media/videos/bikes.mp4")
    assert answer.status_code == 200
    assert answer.getvalue() == FILM
    assert answer.headers["Content-Type"] == "video/mp4"
    assert answer.headers["Content-Length"] == str(len(FILM))
    assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "code.js", "page.xhtml", "none"])
def test_what_a_browser_would_run_is_handed_out_to_be_saved(
    client: Client, film: Path, name: str
) -> None:
    film.with_name(name).write_bytes(b"<script>alert(1)</script>")
    answer = client.get(f"/media/videos/{name}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-", 0, 256_000),
        ("bytes=0-0", 0, 1),
        ("bytes=100-299", 100, 300),
        (f"bytes={BLOCK_BYTES - 1}-{2 * BLOCK_BYTES}", BLOCK_BYTES - 1, 2 * BLOCK_BYTES + 1),
        ("bytes=255000-", 255_000, 256_000),
        ("bytes=-10", 255_990, 256_000),
        ("bytes=255990-999999", 255_990, 256_000),
    ],
)
def test_a_part_comes_as_that_part(
    client: Client, film: Path, asked: str, start: int, end: int
) -> None:
    answer = client.get("/media/videos/bikes.mp4", headers={"range": asked})
    assert answer.status_code == 206
    assert answer.headers["Content-Range"] == f"bytes {start}-{end - 1}/256000"
    assert answer.getvalue() == FILM[start:end]


@pytest.mark.parametrize("asked", ["bytes=256000-", "bytes=10-5", "bytes=-0"])
def test_a_part_outside_the_file_is_refused_with_its_size(
    client: Client, film: Path, asked: str
) -> None:
    answer = client.get("/media/videos/bikes.mp4", headers={"range": asked})
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == "bytes */256000"


@pytest.mark.parametrize("asked", ["bytes=0-1,5-6", "lines=1-2", "bytes=-", "nonsense"])
def test_what_is_no_single_range_gets_the_whole_file(
    client: Client, film: Path, asked: str
) -> None:
    answer = client.get("/media/videos/bikes.mp4", headers={"range": asked})
    assert answer.status_code == 200
    assert answer.getvalue() == FILM


@pytest.mark.parametrize(
    "path", ["videos/none.mp4", "videos", "", "../secret.txt", "..%2fsecret.txt", "/etc/passwd"]
)
def test_only_files_below_the_media_folder_are_found(client: Client, film: Path, path: str) -> None:
    assert client.get(f"/media/{path}").status_code == 404


@given(header=st.from_regex(r"bytes=\d{0,6}-\d{0,6}", fullmatch=True), size=st.integers(0, 10**6))
def test_every_range_lies_within_the_file(header: str, size: int) -> None:
    try:
        asked = wanted_range(header, size)
    except RangeError:
        return
    if asked is not None:
        assert 0 <= asked[0] < asked[1] <= size


@pytest.mark.parametrize("path", ["private/creatives/a1", "videos/../private/creatives/a1"])
def test_what_people_brought_is_not_served_as_they_brought_it(
    client: Client, film: Path, path: str
) -> None:
    original = film.parents[1] / "private" / "creatives" / "a1"
    original.parent.mkdir(parents=True)
    original.write_bytes(b"\x89PNG")
    assert client.get(f"/media/{path}").status_code == 404
