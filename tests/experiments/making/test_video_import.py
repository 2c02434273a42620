"""Files come into the catalogue once, with their credits."""

from pathlib import Path

import pytest
from django.core.files import File
from django.core.management import CommandError, call_command
from django.db.models.fields.files import FieldFile
from pytest_django import Settings

from experiments.errors import IntakeError
from experiments.making.video_import import Credit, read_credits, take_in, video_files
from experiments.models import Thumbnail, Video
from tests.full_disk import no_file_over

MANIFEST = """
[[clip]]
slug = "bunny"
title = "Big Buck Bunny"
licence = "CC-BY-3.0"
attribution = "(c) Blender Foundation"
package = "a-package"
version = "1.2"
"""

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def take_all(files: list[Path], credits_by_slug: dict[str, Credit]) -> list[Video]:
    return [take_in(path, credits_by_slug) for path in files]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "clips"
    folder.mkdir()
    (folder / "bunny.mp4").write_bytes(b"one")
    (folder / "A walk.WEBM").write_bytes(b"two")
    (folder / "notes.txt").write_text("not a video")
    return folder


def test_takes_video_files_only(folder: Path) -> None:
    assert [path.name for path in video_files(folder)] == ["A walk.WEBM", "bunny.mp4"]


def test_a_folder_that_is_not_there_or_empty_is_named(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="nowhere is not a folder"):
        video_files(tmp_path / "nowhere")
    with pytest.raises(IntakeError, match="holds no video file"):
        video_files(tmp_path)


def test_credits_go_to_the_clip_they_name(folder: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "videos.toml"
    manifest.write_text(MANIFEST)
    credit = Credit("Big Buck Bunny", "CC-BY-3.0", "(c) Blender Foundation; from a-package 1.2")
    assert read_credits(manifest) == {"bunny": credit}
    walk, bunny = take_all(video_files(folder), read_credits(manifest))
    assert (bunny.title, bunny.licence, bunny.source) == (credit.title, "CC-BY-3.0", credit.source)
    assert (walk.title, walk.slug, walk.licence) == ("A walk", "a-walk", "")
    assert Path(bunny.file.path).read_bytes() == b"one"
    assert bunny.state == Video.State.WAITING


def test_the_same_file_comes_in_once(folder: Path) -> None:
    first = take_all(video_files(folder), {})
    (folder / "copy.mp4").write_bytes(b"one")
    again = take_all(video_files(folder), {})
    assert {video.pk for video in again} == {video.pk for video in first}
    assert Video.objects.count() == 2


def test_another_file_of_the_same_name_gets_a_slug_of_its_own(folder: Path) -> None:
    take_all(video_files(folder), {})
    (folder / "bunny.mp4").write_bytes(b"three")
    *_, bunny = take_all(video_files(folder), {})
    assert bunny.slug.startswith("bunny-")
    assert Video.objects.count() == 3


def test_a_name_without_letters_gets_a_slug(folder: Path) -> None:
    (folder / "！！.mp4").write_bytes(b"four")
    videos = take_all(video_files(folder), {})
    assert all(video.slug for video in videos)


def test_the_command_says_what_came_in(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "more").mkdir()
    (folder / "LICENCE").write_text("free")
    call_command("import_videos", str(folder))
    printed = capsys.readouterr()
    assert "2 videos in the catalogue" in printed.out
    assert printed.err.splitlines() == [
        "  left out: LICENCE (its name has no suffix that says that it is a video)",
        "  left out: more (a folder: import it by itself)",
        "  left out: notes.txt (.txt is no video's suffix)",
    ]
    with pytest.raises(CommandError, match="is not a folder"):
        call_command("import_videos", str(tmp_path / "nowhere"))


def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "gone.mp4").symlink_to(folder / "nowhere")
    call_command("import_videos", str(folder))
    printed = capsys.readouterr()
    assert f"{folder}/gone.mp4 could not be taken in (No such file or directory)" in printed.err
    assert "2 videos in the catalogue" in printed.out
    (folder / "bunny.mp4").unlink()
    (folder / "A walk.WEBM").unlink()
    with pytest.raises(CommandError, match="none of 1 files"):
        call_command("import_videos", str(folder))


def test_a_full_disk_leaves_neither_row_nor_file(folder: Path, media: Path) -> None:
    (folder / "bunny.mp4").write_bytes(bytes(50_000))
    with no_file_over(10_000), pytest.raises(IntakeError, match=r"bunny.mp4 .*File too large"):
        take_in(folder / "bunny.mp4", {})
    assert not Video.objects.exists()
    assert [path for path in media.rglob("*") if path.is_file()] == []


def test_the_row_remembers_the_name_that_the_file_came_with(folder: Path) -> None:
    video = take_in(folder / "A walk.WEBM", {})
    assert video.original_name == str(folder / "A walk.WEBM")


def test_a_file_that_has_grown_is_another_video_unless_asked(
    folder: Path, settings: Settings
) -> None:
    path = folder / "live.ts"
    path.write_bytes(b"the beginning")
    first = take_in(path, {})
    path.write_bytes(b"the beginning and more")
    assert take_in(path, {}) != first
    settings.GROWING_FILMS = True
    path.write_bytes(b"the beginning and more and more")
    Video.objects.update(state=Video.State.READY, duration_s=5.0)
    for video in Video.objects.all():
        Thumbnail.objects.create(
            video=video, selector="gevaden", selection="of the shorter film", model_version="1",
            size_bytes=1, width=2, height=2, media_type="image/gif", file="x", shots_s=[0],
            candidates=[],
        )  # fmt: skip
    grown = take_in(path, {})
    assert Video.objects.filter(original_name=str(path)).count() == 2
    assert (grown.state, grown.duration_s) == (Video.State.WAITING, None)
    chosen = dict(Thumbnail.objects.values_list("video", "selection"))
    assert chosen.pop(grown.pk) == "", "its selectors choose again"
    assert list(chosen.values()) == ["of the shorter film"]
    with grown.file.open("rb") as file:
        assert file.read() == path.read_bytes()
    assert take_in(path, {}) == grown
    path.write_bytes(b"another film by the same name")
    assert take_in(path, {}) != grown


def test_a_file_that_is_being_written_is_left_for_later(
    folder: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = folder / "live.ts"
    path.write_bytes(b"the beginning")
    copy = FieldFile.save

    def grows(file: FieldFile, name: str, content: "File[bytes]", save: bool = True) -> None:
        with path.open("ab") as recording:
            recording.write(b" and more")
        copy(file, name, content, save)

    monkeypatch.setattr(FieldFile, "save", grows)
    with pytest.raises(
        IntakeError, match=r"live\.ts is still being written: import it again later"
    ):
        take_in(path, {})
    assert not Video.objects.exists()
    assert not [each for each in media.rglob("*") if each.is_file()]
