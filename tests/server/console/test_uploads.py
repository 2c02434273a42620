"""The page that brings videos in."""

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.making import jobs
from experiments.models import Intake, Video
from tests.clips import write_clip
from tests.experiments.world import make_video

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folders")]
UPLOADS = "/console/uploads/"


def send(console: Client, *files: tuple[str, bytes]) -> str:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return console.post(UPLOADS, {"file": sent}, follow=True).content.decode()


def test_without_javascript_a_form_brings_several_files(
    console: Client, sent: list[str], tmp_path: Path
) -> None:
    write_clip(tmp_path / "walk.mp4", seconds=3)
    clip = (tmp_path / "walk.mp4").read_bytes()
    page = send(console, ("walk.mp4", clip), ("page.html", b"<script>"), ("zip.mp4", b"PK\x03\x04"))
    assert "page.html is not taken: .html is no video&#x27;s suffix" in page
    assert "zip.mp4 is a ZIP archive, no video" in page
    assert "being checked" in page
    assert sent == ["make_thumbnails"]
    jobs.work()
    arrived = console.get(f"{UPLOADS}arrivals/").content.decode()
    assert 'href="/console/videos/walk/"' in arrived
    assert "waiting for thumbnails" in arrived
    assert 'hx-trigger="every 2s"' in arrived
    Video.objects.update(state="ready")
    settled = console.get(f"{UPLOADS}arrivals/").content.decode()
    assert "thumbnails ready" in settled
    assert "hx-trigger" not in settled


def test_a_form_without_files_says_so(console: Client) -> None:
    assert "No file was chosen." in console.post(UPLOADS, follow=True).content.decode()


def test_a_file_that_stands_still_says_how_it_goes_on(console: Client) -> None:
    Intake.objects.create(name="film.mp4", size_bytes=9, who="admin")
    page = console.get(UPLOADS).content.decode()
    assert "0 % received" in page
    assert "bring the same file again: it goes on from here" in page


def test_each_person_sees_their_own(console: Client) -> None:
    Intake.objects.create(name="hers.mp4", size_bytes=9, who="ada")
    assert "Nothing yet." in console.get(UPLOADS).content.decode()


def test_few_queries_however_many_came(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(60):
        video = make_video(f"v{number}")
        Intake.objects.create(name="v", size_bytes=9, who="admin", state="taken", video=video)
    Intake.objects.bulk_create(
        Intake(name="w", size_bytes=9, who="admin", state="checking", path="/x") for _ in range(200)
    )
    with django_assert_max_num_queries(15):
        page = console.get(UPLOADS).content.decode()
    assert "200 files wait for their check." in page


def test_files_on_the_server_are_brought_by_folder_or_table(
    console: Client, sent: list[str], folders: Path
) -> None:
    (folders / "import").mkdir()
    for number in range(25):
        (folders / f"import/{number}.mp4").write_bytes(b"\0")
    (folders / "import/notes.txt").write_text("x")
    server = f"{UPLOADS}server/"
    page = console.post(server, {"folder": "."}, follow=True).content.decode()
    assert "25 files wait for their check." in page
    assert "1 left out: notes.txt is not taken" in page
    assert sent == ["send_make_thumbnails"]
    table = SimpleUploadedFile("t.csv", b"\xef\xbb\xbffile\n1.mp4\n")
    again = console.post(server, {"table": table}, follow=True).content.decode()
    assert "0 files wait for their check; 1 were brought before." in again


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"path\n", "the table has the columns path: name one file"),
        (b"file\n\xff", "no text of UTF-8"),
    ],
)
def test_a_bad_table_is_refused_beside_its_field(
    console: Client, content: bytes, said: str
) -> None:
    table = SimpleUploadedFile("t.csv", content)
    page = console.post(f"{UPLOADS}server/", {"table": table}).content.decode()
    assert said in page
    assert '<details class="server-files" open>' in page
    none = console.post(f"{UPLOADS}server/").content.decode()
    assert "name a folder or choose a table" in none
