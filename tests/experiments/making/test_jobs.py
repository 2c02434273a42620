"""The queue: who is next, what is tried again, what is given up, how far it all is."""

import errno
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as settings_of_django
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.utils import timezone
from pytest_django import Settings

from experiments.advisory_locks import VIDEO_LOCK
from experiments.making import feature_steps, jobs, thumbnail_steps
from experiments.making.progress import progress
from experiments.models import Thumbnail, Video
from experiments.serving import lifecycle
from tests.clips import write_clip
from tests.experiments.videos import add_video
from tests.experiments.world import make_experiment, make_video
from tests.thumbnailer.features.published import described, publish, seeded_state
from thumbnailer.errors import CrashedError, DiskFullError, UnknownSelectorError
from thumbnailer.sandbox.client import sandbox
from thumbnailer.settings import AtHand, ExtractorSettings

pytestmark = pytest.mark.django_db
State, Urgency = Video.State, Video.Urgency
Make = Callable[..., None]


def waiting(slug: str, **fields: object) -> Video:
    fields = {"state": State.WAITING, **fields}
    return Video.objects.create(slug=slug, title=slug, file=f"videos/{slug}.mp4", **fields)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the making itself be a note of whose turn it was."""
    slugs: list[str] = []
    monkeypatch.setattr(thumbnail_steps, "make", lambda video, _enter: slugs.append(video.slug))
    return slugs


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def make(video: Video, enter: Make) -> None:
        enter(video, Video.MakingStep.FEATURES)
        raise error

    monkeypatch.setattr(thumbnail_steps, "make", make)


def test_the_most_urgent_is_made_first_then_the_eldest(made: list[str]) -> None:
    waiting("old-backfill", urgency=Urgency.BACKFILL)
    waiting("new-1")
    waiting("new-2")
    waiting("person", urgency=Urgency.PERSON)
    waiting("later", urgency=Urgency.PERSON, retry_at=timezone.now() + timedelta(seconds=60))
    Video.objects.create(slug="entry", title="entry")
    # As long as another is due, each asks for it: its own message may be lost.
    assert [jobs.work() for _ in range(6)] == [jobs.Sequel()] * 3 + [None] * 3
    assert made == ["person", "new-1", "new-2", "old-backfill"]
    assert progress().counts == {"ready": 4, "waiting": 1, "catalogued": 1}


def test_a_real_video_becomes_ready_and_a_letter_fails_with_its_names(
    settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.FEATURES_ROOT = tmp_path / "media", tmp_path / "features"
    write_clip(tmp_path / "clip.mp4", seconds=8)
    (tmp_path / "letter.mp4").write_text("Dear reader, this is not a video.")
    letter = add_video(tmp_path / "letter.mp4", original_name="a letter.mp4")
    clip = add_video(tmp_path / "clip.mp4")
    assert [jobs.work(), jobs.work()] == [jobs.Sequel(), None]
    letter.refresh_from_db()
    assert (letter.state, letter.error_code, letter.step) == (State.FAILED, "unreadable", "probe")
    assert letter.error_message.startswith("letter (a letter.mp4) is no video file")
    assert str(tmp_path) not in letter.error_message
    clip.refresh_from_db()
    assert (clip.state, clip.error_code, clip.attempts) == (State.READY, "", 0)
    assert clip.thumbnails.count() == 4


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left"), DiskFullError("no room"), ConnectionResetError()],
)
def test_what_may_pass_is_tried_again_later_and_given_up_at_last(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    failing(monkeypatch, error)
    video = waiting("a")
    for delay_s in jobs.RETRY_AFTER_S:
        assert jobs.work() == jobs.Sequel(delay_s=delay_s)
        video.refresh_from_db()
        assert (video.state, video.error_code) == (State.WAITING, "")
        assert video.error_message
        assert video.retry_at is not None
        assert timedelta() < video.retry_at - timezone.now() <= timedelta(seconds=delay_s)
        assert jobs.work() is None  # it is not due yet
        Video.objects.update(retry_at=timezone.now())
    with pytest.raises(type(error)):
        jobs.work()
    video.refresh_from_db()
    code = getattr(error, "code", jobs.UNEXPECTED)
    assert (video.state, video.error_code, video.attempts) == (State.FAILED, code, 4)


@pytest.mark.parametrize(
    ("error", "raised"),
    [(CrashedError("x crashed"), False), (UnknownSelectorError("x"), True), (KeyError("x"), True)],
)
def test_what_cannot_pass_is_not_tried_again(
    monkeypatch: pytest.MonkeyPatch, error: Exception, raised: bool
) -> None:
    failing(monkeypatch, error)
    video = waiting("a")
    if raised:
        with pytest.raises(type(error)):
            jobs.work()
    else:
        assert jobs.work() is None
    video.refresh_from_db()
    code = getattr(error, "code", jobs.UNEXPECTED)
    assert (video.state, video.error_code, video.attempts) == (State.FAILED, code, 1)
    assert video.finished_at is not None


def test_a_video_whose_worker_is_lost_is_taken_up_at_once(made: list[str]) -> None:
    lost = waiting("lost", state=State.MAKING, attempts=1)
    assert jobs.work() is None
    lost.refresh_from_db()
    assert (made, lost.state) == (["lost"], State.READY)


def test_a_video_that_ends_its_worker_again_and_again_is_given_up(made: list[str]) -> None:
    video = waiting("deadly", state=State.MAKING, attempts=jobs.MAX_ATTEMPTS)
    jobs.work()
    video.refresh_from_db()
    assert (made, video.state, video.error_code) == ([], State.FAILED, jobs.LOST)


def test_the_database_away_is_no_failure_of_the_video(monkeypatch: pytest.MonkeyPatch) -> None:
    failing(monkeypatch, OperationalError("server closed the connection"))
    video = waiting("a")
    with pytest.raises(OperationalError):
        jobs.work()
    video.refresh_from_db()
    assert video.state == State.MAKING
    assert jobs._lost() == video
    jobs._unlock(video.pk)


def test_what_failed_is_tried_again_on_demand(made: list[str]) -> None:
    waiting("a", state=State.FAILED, error_code="crashed", error_message="x", attempts=4)
    assert jobs.work() is None
    assert jobs.retry(Video.objects.all()) == 1
    jobs.work()
    assert (made, Video.objects.get().state) == (["a"], State.READY)


def test_a_run_is_stopped_and_resumed(made: list[str]) -> None:
    for number in range(5):
        waiting(f"v{number}")
    jobs.work()
    assert jobs.stop() == 4
    assert jobs.work() is None
    assert len(made) == 1
    assert jobs.resume() == 4
    while progress().unfinished:
        jobs.work()
    assert made == [f"v{number}" for number in range(5)]


def test_outdated_thumbnails_are_queued_behind_all_else_unless_they_are_shown() -> None:
    now = thumbnail_steps.versions()
    shown = make_experiment("shown", videos=2)
    videos = [
        make_video(slug)
        for slug in ("current", "older-model", "older-encoder", "no-webp", "no-file")
    ]
    Video.objects.exclude(slug="no-file").update(file="videos/x.mp4")
    for thumbnail in Thumbnail.objects.filter(video__in=[videos[0], videos[2], videos[3]]):
        thumbnail.shot_length_s = 0.0 if thumbnail.selector == "raw" else 1.0
        thumbnail.model_version = now.models[thumbnail.selector]
        thumbnail.selection = now.selection
        for each in thumbnail.renditions:
            each["encoder"] = now.encoders[each["name"]]
        thumbnail.save()
    old = Thumbnail.objects.get(selector="raw", video=videos[2])
    old.renditions[0]["encoder"] = "older"
    old.save()
    lacking = Thumbnail.objects.get(selector="gevaden", video=videos[3])
    lacking.renditions = [each for each in lacking.renditions if each["name"] != "webp"]
    lacking.save()
    assert jobs.renew_outdated() == (3, 2)
    queued = Video.objects.filter(state=State.WAITING)
    assert set(queued.values_list("slug", flat=True)) == {
        "older-model",
        "older-encoder",
        "no-webp",
    }
    assert set(queued.values_list("urgency", flat=True)) == {Urgency.BACKFILL}
    lifecycle.end(shown)
    assert jobs.renew_outdated() == (2, 0)


def test_what_waits_is_given_another_place(made: list[str]) -> None:
    for slug in ("a", "b", "c"):
        waiting(slug)
    failed = waiting("failed", state=State.FAILED, error_code="x", urgency=Urgency.NEW)
    assert jobs.prioritise(Video.objects.filter(slug__in=["c", "failed"]), Urgency.PERSON) == 1
    assert jobs.prioritise(Video.objects.filter(slug="a"), Urgency.BACKFILL) == 1
    assert [video.slug for video in jobs.queue()] == ["c", "b", "a"]
    failed.refresh_from_db()
    assert failed.urgency == Urgency.NEW
    for _ in range(3):
        jobs.work()
    assert made == ["c", "b", "a"]


@pytest.mark.django_db(transaction=True)
def test_a_video_that_another_worker_makes_is_left_to_it(made: list[str]) -> None:
    mine, theirs = waiting("mine"), waiting("theirs", state=State.MAKING, attempts=1)
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [VIDEO_LOCK, theirs.pk])
        jobs.work()
        jobs.work()
        assert made == ["mine"]
    finally:
        other.close()
    while jobs.work() is None and made == ["mine"]:
        pass  # the server notices the lost session in its own time
    assert made == ["mine", "theirs"]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
            " WHERE locktype = 'advisory' AND datname = current_database()"
        )
        assert cursor.fetchone() == (0,)
    mine.refresh_from_db()


def test_the_command_says_what_it_does(made: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    waiting("a")
    call_command("make_thumbnails", "--stop")
    assert "1 videos taken out of the queue" in capsys.readouterr().out


@pytest.fixture
def apart(settings: Settings, tmp_path: Path) -> Video:
    """A real video, on a site whose features are extracted by workers of their own."""
    settings.MEDIA_ROOT, settings.FEATURES_ROOT = tmp_path / "media", tmp_path / "features"
    settings.SPOOL_ROOT, settings.FEATURES_QUEUE = tmp_path / "spool", "features"
    write_clip(tmp_path / "clip.mp4", seconds=8)
    return add_video(tmp_path / "clip.mp4")


def test_features_may_be_extracted_by_another_worker(apart: Video, tmp_path: Path) -> None:
    assert jobs.work() == jobs.Sequel(extract=apart.pk)
    apart.refresh_from_db()
    assert (apart.state, apart.step) == (State.EXTRACTING, "decode")
    assert len(list((tmp_path / "spool").iterdir())) == 1
    assert jobs.work() is None
    assert jobs.extract(apart.pk) == jobs.Sequel()
    assert list((tmp_path / "spool").iterdir()) == []
    assert jobs.extract(apart.pk) is None
    assert jobs.work() is None
    apart.refresh_from_db()
    assert (apart.state, apart.thumbnails.count()) == (State.READY, 4)


def test_a_lost_message_is_made_up_for_without_decoding_again(apart: Video) -> None:
    jobs.work()
    assert jobs.resume() == 1
    Path(apart.file.path).write_bytes(b"gone")
    [spool] = Path(settings_of_django.SPOOL_ROOT).iterdir()
    Video.objects.update(content_sha256=spool.name.partition("-")[0])
    assert jobs.work() == jobs.Sequel(extract=apart.pk)


def test_decoders_wait_where_too_many_frames_are_spooled(
    apart: Video, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feature_steps, "MOST_SPOOLED", 1)
    waiting("other", state=State.EXTRACTING)
    assert jobs.work() == jobs.Sequel(delay_s=jobs.ENOUGH_SPOOLED_S)
    apart.refresh_from_db()
    assert (apart.state, apart.attempts) == (State.WAITING, 0)


def test_a_spool_that_is_gone_is_decoded_again(apart: Video) -> None:
    jobs.work()
    shutil.rmtree(settings_of_django.SPOOL_ROOT)
    again = jobs.extract(apart.pk)
    assert again is not None
    assert again.delay_s > 0
    apart.refresh_from_db()
    assert apart.state == State.WAITING
    assert "is gone, or was for another extractor" in apart.error_message
    Video.objects.update(retry_at=None)
    assert jobs.work() == jobs.Sequel(extract=apart.pk)
    assert jobs.extract(apart.pk) == jobs.Sequel()


def test_another_extractor_works_through_the_queue_of_features(
    apart: Video, settings: Settings, tmp_path: Path
) -> None:
    weights = described(publish(seeded_state(), tmp_path / "r3d50.pth"))
    settings.EXTRACTOR, settings.EXTRACTOR_WEIGHTS = "3d-resnet-50", str(weights)
    settings.SELECTORS = ("raw", "uniform")
    assert jobs.work() == jobs.Sequel(extract=apart.pk)
    assert jobs.extract(apart.pk) == jobs.Sequel()
    assert jobs.work() is None
    apart.refresh_from_db()
    assert (apart.state, apart.thumbnails.count()) == (State.READY, 2)
    assert list((tmp_path / "spool").iterdir()) == []
    sandbox(AtHand(ExtractorSettings("3d-resnet-50", str(weights)))).close()


def test_what_another_extractor_or_trim_chose_is_outdated(apart: Video, settings: Settings) -> None:
    settings.FEATURES_QUEUE = ""
    jobs.work()
    assert jobs.renew_outdated() == (0, 0)
    settings.SKIP_INTRO = (3.0, 0.0)
    assert jobs.renew_outdated() == (1, 0)
    jobs.work()
    assert jobs.renew_outdated() == (0, 0)
    settings.SELECTORS = ("raw",)  # the others' thumbnails are left as they are
    assert jobs.renew_outdated() == (0, 0)
