"""A video's own pictures are brought, shown and taken away on one page."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from experiments.making import creative_steps, creatives
from experiments.models import Creative, Thumbnail, Video
from tests.experiments import pictures
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
PAGE = "/console/videos/bikes/creatives/"


@pytest.fixture(autouse=True)
def own_folders(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.CELERY_BROKER_URL = tmp_path, "memory://"


@pytest.fixture
def video() -> Video:
    return make_video("bikes")


def bring(console: Client, file: "ContentFile[bytes]", name: str = "") -> str:
    """Send one of the page's two forms and return the page that follows."""
    fields = {"act": "creative", "creative-name": name, "creative-file": file}
    if not name:
        fields = {"act": "publisher", "publisher-file": file}
    return console.post(PAGE, fields, follow=True).content.decode()


def test_a_stand_in_says_so(console: Client, video: Video) -> None:
    page = console.get(PAGE).content.decode()
    assert "stand-in" in page
    assert "A frame of the video, as its publisher's image was not brought." in page


def test_pictures_are_brought_and_shown_once_made(console: Client, video: Video) -> None:
    page = bring(console, pictures.still(name="Cover 1.png"))
    assert "Cover 1.png is brought as the publisher&#x27;s image" in page
    assert "Shown until the publisher's image is made." in page
    page = bring(console, pictures.moving(), "spring")
    assert "cover.gif is brought as spring" in page
    assert f'hx-get="{PAGE}rows/"' in page
    creative_steps.make(video, lambda *_: None)
    rows = console.get(f"{PAGE}rows/").content.decode()
    for thumbnail in Thumbnail.objects.exclude(creative=None):
        assert thumbnail.file.url in rows
    assert "plays 1.0 s" in rows
    assert "hx-get" not in rows
    assert "stand-in" not in rows


@pytest.mark.parametrize(
    ("name", "file", "said"),
    [
        ("spring", ContentFile(b"<svg/>", "a.svg"), "a.svg is no picture that is taken"),
        ("spring", ContentFile(b"", "a.png"), "a.png is empty"),
        ("gevaden", pictures.still(), "is a selector&#x27;s: choose another"),
        ("two words", pictures.still(), "must be 1 to 40 of a to z"),
    ],
)
def test_what_cannot_be_stands_beside_its_field(
    console: Client, video: Video, name: str, file: "ContentFile[bytes]", said: str
) -> None:
    file.seek(0)
    page = bring(console, file, name)
    assert said in page
    assert f'value="{name}"' in page  # what was typed is kept
    assert not Creative.objects.exists()


def test_a_form_without_a_file_says_so(console: Client, video: Video) -> None:
    page = console.post(PAGE, {"act": "publisher"}).content.decode()
    assert page.count("This field is required.") == 1


def test_what_a_worker_could_not_use_is_told(console: Client, video: Video) -> None:
    bring(console, pictures.damaged("torn.png"), "spring")
    creative_steps.make(video, lambda *_: None)
    page = console.get(PAGE).content.decode()
    assert "torn.png is damaged" in page
    assert "waiting for a worker" not in page


def test_a_live_experiment_keeps_what_it_shows(console: Client) -> None:
    experiment = make_experiment("covers", videos=0)
    experiment.videos.add(video := make_video("bikes"))
    page = bring(console, pictures.still())
    assert "covers shows raw of bikes now" in page
    creatives.bring(video, "spring", pictures.still())
    experiment.arms.filter(index=2).update(selector="spring")
    page = console.post(f"{PAGE}remove/", {"name": "spring"}, follow=True).content.decode()
    assert "covers shows spring of bikes now" in page
    assert "In covers" in page
    assert Creative.objects.exists()


def test_one_is_taken_away(console: Client, video: Video) -> None:
    creatives.bring(video, "spring", pictures.still())
    page = console.post(f"{PAGE}remove/", {"name": "spring"}, follow=True).content.decode()
    assert "cover.png is taken away." in page
    assert not Creative.objects.exists()


def test_few_queries_however_many_there_are(
    console: Client, video: Video, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Creative.objects.bulk_create(
        Creative(video=video, name=f"c{number}", size_bytes=1) for number in range(200)
    )
    with django_assert_max_num_queries(9):
        console.get(PAGE)
