"""Files on the server, by folder or by table."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytest_django import Settings

from experiments.errors import IntakeError
from experiments.making import intake
from experiments.making.server_files import bring_folder, bring_table
from experiments.models import Creative, Intake, Video
from tests.clips import write_clip
from tests.experiments import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.IMPORT_ROOT, settings.MEDIA_ROOT = tmp_path / "import", tmp_path / "media"
    folder = tmp_path / "import" / "films"
    folder.mkdir(parents=True)
    for number in range(2):
        write_clip(folder / f"film {number}.mp4", seconds=3, seed=number)
    (folder / "notes.txt").write_text("x")
    (folder / ".hidden.mp4").write_text("x")
    (folder / "empty.mp4").touch()
    return tmp_path / "import"


def test_a_folder_is_brought_with_what_is_left_out(root: Path) -> None:
    brought = bring_folder(".", who="ada")
    assert (brought.count, brought.known) == (2, 0)
    assert brought.left_out == [
        "films/empty.mp4 is empty: its export or copy broke off",
        "films/notes.txt is not taken: .txt is no video's suffix",
    ]
    while intake.check_next():
        pass
    assert {video.title for video in Video.objects.all()} == {"film 0", "film 1"}
    assert {each.state for each in Intake.objects.all()} == {"taken"}
    assert sorted(path.name for path in (root / "films").glob("film*")) == [
        "film 0.mp4", "film 1.mp4",
    ]  # fmt: skip


def test_brought_twice_only_what_is_new_waits(root: Path) -> None:
    assert bring_folder("films", who="ada").count == 2
    write_clip(root / "films/film 2.mp4", seconds=2, seed=9)
    again = bring_folder("films", who="bob")
    assert (again.count, again.known) == (1, 2)


def test_a_table_says_more_of_each_file(root: Path) -> None:
    table = (
        "file,title,licence,source\nfilms/film 1.mp4,A walk,CC0,by Ada\nfilms/none.mp4,,,\n,,,\n"
    )
    brought = bring_table(table, who="ada")
    assert brought.count == 1
    assert brought.left_out == [
        f"line 3: films/none.mp4 is not in {root}", f"line 4: no file is not in {root}",
    ]  # fmt: skip
    assert intake.check_next()
    video = Video.objects.get()
    assert (video.title, video.slug, video.licence, video.source) == (
        "A walk", "film-1", "CC0", "by Ada",
    )  # fmt: skip


def test_a_table_says_whose_a_film_is_and_how_old(root: Path) -> None:
    table = (
        "file,channel,published\nfilms/film 0.mp4,Parks,2026-03-31\n"
        "films/film 1.mp4,Parks,2026-03-31T18:30+02:00\nfilms/film 1.mp4,,yesterday\n"
    )
    brought = bring_table(table, who="ada")
    assert brought.left_out == [
        "line 4: published == 'yesterday', must be like 2026-03-31 or 2026-03-31T18:30"
    ]
    while intake.check_next():
        pass
    told = {video.slug: (video.channel, video.published_at) for video in Video.objects.all()}
    assert told == {
        "film-0": ("Parks", datetime(2026, 3, 31, tzinfo=UTC)),
        "film-1": ("Parks", datetime(2026, 3, 31, 16, 30, tzinfo=UTC)),
    }


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "the table has the columns none: name one file"),
        ("path,title\n", "the table has the columns path, title: name one file"),
        (
            "file,colour\n",
            "the table has a column colour: only file, title, channel, published, licence, source",
        ),
        ("file\n" + "a" * 200_000, r"the table is no CSV: field larger .* \(line 2\)"),
        ("file,title\na.mp4,a\0b\n", "the table has NUL characters"),
    ],
)
def test_what_is_no_such_table_is_refused(table: str, said: str) -> None:
    with pytest.raises(IntakeError, match=said):
        bring_table(table, who="ada")


@pytest.mark.parametrize(
    "name", ["../secret.mp4", "/etc/passwd", "films/../../secret.mp4", "link.mp4"]
)
def test_nothing_outside_the_root_is_looked_at(root: Path, name: str) -> None:
    secret = root.parent / "secret.mp4"
    write_clip(secret, seconds=1)
    (root / "link.mp4").symlink_to(secret)
    brought = bring_table(f"file\n{name}\n", who="ada")
    assert brought.count == 0
    assert "lies outside" in brought.left_out[0]
    with pytest.raises(IntakeError, match="lies outside"):
        bring_folder("../", who="ada")


def test_a_name_that_no_file_can_have_is_left_out(root: Path) -> None:
    brought = bring_table(f"file\n{'a' * 300}.mp4\n", who="ada")
    assert (brought.count, len(brought.left_out)) == (0, 1)


def test_a_folder_that_is_not_there_is_named(root: Path) -> None:
    with pytest.raises(IntakeError, match="none is no folder of"):
        bring_folder("none", who="ada")
    (root / "bare").mkdir()
    with pytest.raises(IntakeError, match="holds no file"):
        bring_folder("bare", who="ada")


def test_a_file_that_left_before_its_check_is_refused_in_words(root: Path) -> None:
    bring_table("file\nfilms/film 1.mp4\n", who="ada")
    (root / "films/film 1.mp4").unlink()
    assert intake.check_next()
    assert "films/film 1.mp4 could not be taken in (No such file" in Intake.objects.get().reason


def test_a_table_names_the_publishers_images(root: Path) -> None:
    (root / "covers").mkdir()
    (root / "covers/one.png").write_bytes(pictures.still().read())
    (root / "covers/drawing.png").write_bytes(b"<svg/>")
    table = (
        "file,image\nfilms/film 0.mp4,covers/one.png\nfilms/film 1.mp4,covers/drawing.png\n"
        "films/film 1.mp4,covers/none.png\nfilms/film 1.mp4,../../x.png\nfilms/film 1.mp4,\n"
    )
    brought = bring_table(table, who="ada")
    assert brought.count == 2
    assert [left.partition(": ")[2][:40] for left in brought.left_out] == [
        "covers/drawing.png is no picture that is",
        f"the image covers/none.png is not in {root}"[:40],
        "../../x.png lies outside " + str(root)[:15],
    ]
    while intake.check_next():
        pass
    [creative] = Creative.objects.all()
    assert (creative.video.title, creative.name, creative.original_name) == (
        "film 0", "raw", "one.png",
    )  # fmt: skip
    assert {video.urgency for video in Video.objects.all()} == {Video.Urgency.NEW}
