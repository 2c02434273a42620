"""Files that somebody brings: received in pieces, checked, taken in or refused with a sentence."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from experiments.errors import IntakeError
from experiments.making import intake, jobs, thumbnail_steps
from experiments.making.intake import OffsetError
from experiments.models import Intake, Video
from tests.clips import write_clip
from tests.thumbnailer import hostile_files
from thumbnailer.errors import ChildLostError

pytestmark = pytest.mark.django_db
State = Intake.State


@pytest.fixture(autouse=True)
def folders(settings: Settings, tmp_path: Path) -> None:
    for kind in ("MEDIA", "UPLOADS", "FEATURES"):
        setattr(settings, f"{kind}_ROOT", tmp_path / kind.lower())


def bring(path: Path, name: str = "") -> Intake:
    """Bring a file in one piece, to be checked."""
    begun = intake.begin(name or path.name, path.stat().st_size, who="ada")
    with path.open("rb") as file:
        intake.receive(begun, 0, file)
    begun.refresh_from_db()
    return begun


def checked(path: Path, name: str = "") -> Intake:
    brought = bring(path, name)
    assert intake.check_next()
    brought.refresh_from_db()
    return brought


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    write_clip(tmp_path / "A walk.mp4", seconds=4)
    return tmp_path / "A walk.mp4"


def test_a_film_becomes_a_video_and_lets_its_pieces_go(
    clip: Path, django_capture_on_commit_callbacks: object
) -> None:
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        brought = checked(clip)
    video = brought.video
    assert video is not None
    assert (brought.state, video.slug, video.title) == (State.TAKEN, "a-walk", "A walk")
    assert (video.state, video.duration_s) == (Video.State.WAITING, 4.0)
    assert Path(video.file.path).read_bytes() == clip.read_bytes()
    assert not intake.place(brought).exists()
    assert not intake.check_next()


def test_a_check_comes_before_all_making_and_asks_for_the_next_task(clip: Path) -> None:
    bring(clip)
    assert jobs.work() == jobs.Sequel()
    assert Video.objects.get().state == Video.State.WAITING


@given(cuts=st.lists(st.integers(0, 1000), max_size=5), repeated=st.integers(0, 5))
def test_pieces_of_any_size_make_the_file_and_none_counts_twice(
    cuts: list[int], repeated: int
) -> None:
    content = b"\0" + bytes(range(1, 251)) * 4
    begun = intake.begin("film.mp4", len(content), who="ada", changed_ms=len(cuts))
    bounds = [0, *sorted(cuts), len(content)]
    for number, (start, end) in enumerate(pairwise(bounds)):
        assert intake.receive(begun, start, BytesIO(content[start:end])) == end
        if number == repeated and start != end:
            with pytest.raises(OffsetError) as late:
                intake.receive(begun, start, BytesIO(content[start:end]))
            assert late.value.offset == end
    assert intake.place(begun).read_bytes() == content
    begun.refresh_from_db()
    assert begun.state == State.CHECKING
    Intake.objects.all().delete()


def test_a_broken_connection_leaves_what_came_and_the_sender_goes_on(clip: Path) -> None:
    content = clip.read_bytes()

    class Broken(BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            if self.tell():
                raise OSError("the connection broke off")
            return super().read(1000)

    begun = intake.begin(clip.name, len(content), who="ada", changed_ms=7)
    with pytest.raises(OSError, match="broke off"):
        intake.receive(begun, 0, Broken(content))
    again = intake.begin(clip.name, len(content), who="ada", changed_ms=7)
    assert (again.pk, intake.offset(again)) == (begun.pk, 1000)
    intake.receive(again, 1000, BytesIO(content[1000:]))
    assert intake.place(again).read_bytes() == content


def test_only_the_same_file_of_the_same_person_is_gone_on_with() -> None:
    first = intake.begin("film.mp4", 9, who="ada", changed_ms=1)
    others = [
        intake.begin("film.mp4", 9, who="bob", changed_ms=1),
        intake.begin("film.mp4", 9, who="ada", changed_ms=2),
        intake.begin("film.mp4", 8, who="ada", changed_ms=1),
        intake.begin("other.mp4", 9, who="ada", changed_ms=1),
    ]
    assert first.pk not in {other.pk for other in others}


@pytest.mark.parametrize(
    ("name", "size_bytes", "said"),
    [
        ("film.mp4", 0, "film.mp4 is empty: its export or copy broke off"),
        ("film.mp4", 2_000_001, "film.mp4 has 2 MB, at most 2 MB are taken"),
        ("page.html", 9, "page.html is not taken: .html is no video's suffix"),
        ("film", 9, "its name has no suffix that says that it is a video"),
        ("film.mp4.php", 9, ".php is no video's suffix"),
    ],
)
def test_some_are_refused_before_a_byte_is_sent(
    settings: Settings, name: str, size_bytes: int, said: str
) -> None:
    settings.LARGEST_VIDEO_MB = 2
    with pytest.raises(IntakeError, match=said.replace(".", r"\.")):
        intake.begin(name, size_bytes, who="ada")
    assert not Intake.objects.exists()


def test_some_are_refused_by_their_first_piece_and_leave_nothing() -> None:
    begun = intake.begin("film.mp4", 10_000_000, who="ada")
    with pytest.raises(IntakeError, match=r"film\.mp4 is a ZIP archive, no video"):
        intake.receive(begun, 0, BytesIO(b"PK\x03\x04" + bytes(100)))
    begun.refresh_from_db()
    assert (begun.state, begun.reason) == (State.REFUSED, "film.mp4 is a ZIP archive, no video")
    assert not intake.place(begun).exists()


def test_more_than_was_announced_is_refused() -> None:
    begun = intake.begin("film.mp4", 5, who="ada")
    with pytest.raises(IntakeError, match="longer than the 5 bytes announced"):
        intake.receive(begun, 0, BytesIO(bytes(6)))


@pytest.mark.parametrize(
    ("name", "write", "said"),
    [
        ("noise.mp4", lambda path: path.write_bytes(bytes(range(256)) * 99), "is no video"),
        ("half.mp4", hostile_files.half_a_header, "half.mp4"),
        ("huge.gif", hostile_files.huge_picture, "huge.gif"),
        ("long.mp4", hostile_files.ten_hours, "long.mp4"),
    ],
)
def test_the_decoder_refuses_in_a_sentence_with_the_files_own_name(
    tmp_path: Path, name: str, write: object, said: str
) -> None:
    write(tmp_path / name)  # type: ignore[operator]
    refused = checked(tmp_path / name)
    assert refused.state == State.REFUSED
    assert said in refused.reason
    assert str(tmp_path) not in refused.reason
    assert refused.key.hex not in refused.reason
    assert not Video.objects.exists()
    assert not intake.place(refused).exists()


def test_a_film_under_another_kinds_name_is_told_which_it_is(clip: Path) -> None:
    with pytest.raises(IntakeError, match=r"is an MP4 or QuickTime film, not what its name says"):
        bring(clip, "A walk.mkv")


def test_a_duplicate_says_of_which_video(clip: Path) -> None:
    checked(clip)
    again = checked(clip, "other.mp4")
    assert again.reason == "other.mp4 is the film of “A walk” already (a-walk)"
    assert Video.objects.count() == 1


def test_what_was_begun_and_left_is_deleted_after_a_week() -> None:
    left = intake.begin("left.mp4", 9, who="ada")
    Intake.objects.update(begun_at=timezone.now() - timedelta(days=8))
    young = intake.begin("young.mp4", 9, who="ada")
    assert list(Intake.objects.all()) == [young]
    assert not intake.place(left).exists()


@pytest.mark.django_db(transaction=True)
def test_a_file_in_another_workers_hands_is_passed_over(tmp_path: Path) -> None:
    for number in range(2):
        write_clip(tmp_path / f"{number}.mp4", seconds=3, seed=number)
        bring(tmp_path / f"{number}.mp4")

    def work() -> bool:
        try:
            return intake.check_next()
        finally:
            connection.close()

    with transaction.atomic(), ThreadPoolExecutor(1) as other:
        Intake.objects.select_for_update().get(name="0.mp4")
        assert other.submit(work).result()
        assert not other.submit(work).result()
    assert Video.objects.get().original_name == "1.mp4"
    assert intake.check_next()
    assert Video.objects.count() == 2


def test_a_lost_check_is_no_refusal_until_the_third(
    clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(_: Path) -> float:
        raise ChildLostError("the process that runs the steps ended")

    monkeypatch.setattr(thumbnail_steps, "seconds_of", lost)
    brought = bring(clip)
    states = []
    for _ in range(3):
        assert intake.check_next()
        brought.refresh_from_db()
        states.append(brought.state)
    assert states == [State.CHECKING, State.CHECKING, State.REFUSED]
    assert "A walk.mp4 could not be checked (the process" in brought.reason
