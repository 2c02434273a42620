"""Machines that share a bucket and no folder make videos together."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from moto.server import ThreadedMotoServer
from pytest_django import Settings

from experiments.making import intake, jobs, shared_work
from experiments.making.video_import import take_in
from experiments.models import Intake, Video
from tests.clips import write_clip

pytestmark = pytest.mark.django_db
Enter = Callable[[str], Path]


@pytest.fixture
def enter(bucket: ThreadedMotoServer, settings: Settings, tmp_path: Path) -> Enter:
    """Return what makes this process one of several machines, and gives its folder."""
    settings.FEATURES_QUEUE = "gpu"

    def machine(name: str) -> Path:
        for kind in ("FEATURES", "SPOOL", "UPLOADS"):
            setattr(settings, f"{kind}_ROOT", tmp_path / name / kind.lower())
        return tmp_path / name

    return machine


@pytest.fixture
def film(enter: Enter, tmp_path: Path) -> Video:
    enter("first")
    write_clip(tmp_path / "clip.mp4", seconds=8)
    return take_in(tmp_path / "clip.mp4", {})


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file())


def sent_spools() -> list[str]:
    return default_storage.listdir(shared_work.SPOOLS)[0]


def test_each_of_three_machines_makes_a_part_of_a_video(film: Video, enter: Enter) -> None:
    first = enter("first")
    assert jobs.work() == jobs.Sequel(extract=film.pk)
    assert files(first) == []
    assert len(sent_spools()) == 1
    second = enter("second")
    assert jobs.extract(film.pk) == jobs.Sequel()
    assert files(second) == ["features"]
    assert sent_spools() == []
    third = enter("third")
    assert jobs.work() is None
    assert files(third) == ["features"]
    film.refresh_from_db()
    assert (film.state, film.thumbnails.count()) == (Video.State.READY, 4)


def test_frames_in_the_bucket_are_not_decoded_again(film: Video, enter: Enter) -> None:
    jobs.work()
    jobs.resume()
    default_storage.save(film.file.name, ContentFile(b"gone"))
    enter("second")
    assert jobs.work() == jobs.Sequel(extract=film.pk)


def test_frames_that_were_not_sent_to_the_end_are_not_used(film: Video, enter: Enter) -> None:
    jobs.work()
    [name] = sent_spools()
    default_storage.delete(f"{shared_work.SPOOLS}/{name}/{shared_work.WHOLE}")
    enter("second")
    again = jobs.extract(film.pk)
    assert again is not None
    assert again.delay_s > 0
    film.refresh_from_db()
    assert (film.state, "it is decoded again" in film.error_message) == (Video.State.WAITING, True)


def test_features_that_are_made_anew_replace_those_of_the_bucket(
    film: Video, enter: Enter, settings: Settings
) -> None:
    settings.FEATURES_QUEUE = ""
    here = enter("first")
    assert jobs.work() is None
    [kept] = [path for path in (here / "features").rglob("*") if path.is_file()]
    name = str(kept.relative_to(here / "features"))
    whole = kept.read_bytes()
    default_storage.save(f"{shared_work.FEATURES}/{name}", ContentFile(b"damaged"))
    enter("second")
    Video.objects.get().thumbnails.filter(selector="raw").update(model_version="an older one")
    Video.objects.update(state=Video.State.WAITING)
    assert jobs.work() is None
    with default_storage.open(f"{shared_work.FEATURES}/{name}") as sent:
        assert sent.read() == whole


def test_frames_that_nobody_came_for_are_deleted(film: Video) -> None:
    jobs.work()
    assert shared_work.forget_spools(timezone.now() - timedelta(hours=1)) == 0
    assert shared_work.forget_spools(timezone.now() + timedelta(hours=1)) == 1
    assert sent_spools() == []


def test_an_upload_is_looked_into_on_another_machine(
    enter: Enter, tmp_path: Path, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    enter("web")
    write_clip(tmp_path / "walk.mp4", seconds=4)
    content = (tmp_path / "walk.mp4").read_bytes()
    begun = intake.begin("walk.mp4", len(content), who="ada")
    intake.receive(begun, 0, BytesIO(content[:9]))
    intake.receive(begun, 9, BytesIO(content[9:]))
    worker = enter("worker")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        assert intake.check_next()
    video = Video.objects.get()
    with video.file.open() as taken:
        assert taken.read() == content
    assert files(worker) == []
    assert default_storage.listdir(shared_work.UPLOADS) == ([], [])


def test_the_last_piece_comes_again_where_the_bucket_did_not_take_the_file(
    bucket: ThreadedMotoServer, enter: Enter, settings: Settings
) -> None:
    enter("web")
    begun = intake.begin("walk.mp4", 1_000, who="ada")
    intake.receive(begun, 0, BytesIO(bytes(900)))
    whole = settings.STORAGES
    refused = {**whole["default"]["OPTIONS"], "bucket_name": "another"}
    settings.STORAGES = {**whole, "default": {**whole["default"], "OPTIONS": refused}}
    with pytest.raises(PermissionError):
        intake.receive(begun, 900, BytesIO(bytes(100)))
    assert intake.offset(begun) == 900
    settings.STORAGES = whole
    intake.receive(begun, 900, BytesIO(bytes(100)))
    begun.refresh_from_db()
    assert begun.state == Intake.State.CHECKING
