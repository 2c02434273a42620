"""Files are brought to the videos that they are called after."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from experiments.models import Creative
from tests.experiments import pictures
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.CELERY_BROKER_URL = "memory://"
    return tmp_path


def test_each_file_goes_to_its_video(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = [folder / "bikes.png", folder / "llamas.gif"]
    files[0].write_bytes(pictures.still().read())
    files[1].write_bytes(pictures.moving().read())
    for path in files:
        make_video(path.stem)
    call_command("add_creatives", "spring", *map(str, files))
    assert "2 of 2 files are brought as spring" in capsys.readouterr().out
    found = Creative.objects.order_by("video").values_list("video__slug", "name", "original_name")
    assert list(found) == [
        ("bikes", "spring", "bikes.png"),
        ("llamas", "spring", "llamas.gif"),
    ]


def test_what_is_not_taken_is_told_and_the_others_are(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_experiment(videos=1)
    for name in ("pilot-0", "unknown", "bikes", "drawing"):
        (folder / f"{name}.png").write_bytes(pictures.still().read())
    (folder / "drawing.png").write_bytes(b"<svg/>")
    make_video("bikes")
    make_video("drawing")
    with pytest.raises(CommandError, match="4 were not taken"):
        call_command("add_creatives", "raw", *map(str, folder.glob("*.png")), "nowhere/bikes.png")
    said = capsys.readouterr().err
    assert "unknown.png: there is no video 'unknown'" in said
    assert "pilot shows raw of pilot-0 now" in said
    assert "drawing.png is no picture that is taken" in said
    assert "No such file" in said
    assert Creative.objects.get().video.slug == "bikes"
