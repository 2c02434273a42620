"""The pages in a real browser: what they show, and what they tell about what was seen."""

from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from experiments.events.keys import key_step
from experiments.measures import Step
from experiments.models import Arrival, Event, Experiment, Thumbnail
from experiments.serving import feed
from tests import browser, chromium
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]


@pytest.fixture
def gifs(settings: Any, tmp_path: Path) -> Iterator[Experiment]:
    """Start an experiment of two videos whose only arm with weight shows GIFs."""
    settings.MEDIA_ROOT = tmp_path / "media"
    experiment = make_experiment(videos=2, weights=(0, 1, 0))
    for thumbnail in Thumbnail.objects.filter(selector="re_seq2seq"):
        thumbnail.renditions = [
            {"name": name, "file": default_storage.save(f"moving.{name}", ContentFile(picture)),
             "media_type": media_type, "size_bytes": len(picture), "width": 320, "height": 180}
            for name, media_type, picture in moving_picture()
        ]  # fmt: skip
        thumbnail.file.name = "moving.gif"
        thumbnail.save()
    feed.refresh()
    yield experiment
    # Django does not empty the partitioned table and that of arrivals: they are not its own.
    Event.objects.all().delete()
    Arrival.objects.all().delete()


def moving_picture() -> Iterator[tuple[str, str, bytes]]:
    frames = [Image.new("RGB", (320, 180), colour) for colour in ("red", "green", "blue")]
    for name in ("gif", "webp", "avif"):
        file = BytesIO()
        frames[0].save(file, name, save_all=True, append_images=frames[1:], duration=300, loop=0)
        yield name, f"image/{name}", file.getvalue()
    still = BytesIO()
    frames[0].save(still, "JPEG")
    yield "still", "image/jpeg", still.getvalue()


def steps_told() -> Counter[str]:
    keys = Event.objects.values_list("key", flat=True)
    return Counter(Step(key_step(key)).name.lower() for key in keys)


def test_every_step_of_a_gif_in_sight_is_told_once(
    gifs: Experiment, live_server: Any, tmp_path: Path
) -> None:
    page = chromium.visit(f"{live_server.url}/feed/pilot/", tmp_path / "profile")
    assert page.count('class="card moves playing"') == 2
    assert steps_told() == {"served": 2, "loaded": 2, "viewable": 2, "animated": 2}


def test_who_asks_for_less_motion_sees_the_first_frame_stand_still(
    gifs: Experiment, live_server: Any, tmp_path: Path
) -> None:
    flag = "--force-prefers-reduced-motion"
    page = chromium.visit(f"{live_server.url}/feed/pilot/", tmp_path / "profile", flag)
    assert page.count("<canvas") == 2
    assert "playing" not in page
    assert steps_told() == {"served": 2, "calm": 2, "loaded": 2, "viewable": 2}


@pytest.mark.parametrize("flags", [(), ("--force-prefers-reduced-motion",)])
def test_a_browser_takes_the_smallest_file_it_knows_or_the_still(
    gifs: Experiment, live_server: Any, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    """Every other file is gone, so that what loads can only be this one."""
    made = Thumbnail.objects.filter(selector="re_seq2seq")[0].renditions
    sizes = {each["size_bytes"]: each["file"] for each in made if each["name"] in {"webp", "avif"}}
    kept = "moving.still" if flags else sizes[min(sizes)]
    for name in ("gif", "webp", "avif", "still"):
        if kept != f"moving.{name}":
            default_storage.delete(f"moving.{name}")
    chromium.visit(f"{live_server.url}/feed/pilot/", tmp_path / "profile", *flags)
    assert steps_told()["loaded"] == 2


def test_a_picture_that_does_not_load_is_no_view(
    gifs: Experiment, live_server: Any, tmp_path: Path
) -> None:
    for name in ("gif", "webp", "avif", "still"):
        default_storage.delete(f"moving.{name}")
    page = chromium.visit(f"{live_server.url}/feed/pilot/", tmp_path / "profile")
    assert page.count('class="cover missing"') == 2
    assert steps_told() == {"served": 2}


def test_the_dashboard_draws_its_charts_without_internet(live_server: Any, tmp_path: Path) -> None:
    counted_study()
    page = chromium.visit(f"{live_server.url}/dashboards/pilot/", tmp_path / "profile")
    assert page.count("js-plotly-plot") == 4
    assert "main-svg" in page


def test_a_viewer_stops_all_previews_and_they_stay_stopped(
    gifs: Experiment, live_server: Any
) -> None:
    with browser.opened() as chrome:
        page = browser.patient(chrome.new_context()).new_page()
        page.goto(f"{live_server.url}/feed/pilot/")
        page.locator(".playing").nth(1).wait_for()
        page.get_by_role("button", name="Pause previews").click()
        assert page.locator(".playing").count() == 0
        assert page.locator(".cover canvas").first.is_visible()
        browser.look_at(page, "feed-paused")
        wait_until(lambda: steps_told()["viewable"] == 2, "what stands still is seen, too")
        page.goto(f"{live_server.url}/feed/pilot/")
        play = page.get_by_role("button", name="Play previews")
        play.wait_for()
        wait_until(lambda: steps_told()["viewable"] == 4, "views are told")
        page.wait_for_timeout(1500)
        assert page.locator(".playing").count() == 0
        viewers = Event.objects.values("viewer").distinct().count()
        assert viewers == 1  # and the viewer stays in the arm
        animated = steps_told()["animated"]
        page.wait_for_timeout(1000)
        assert steps_told()["animated"] == animated
        play.click()
        page.locator(".playing").nth(1).wait_for()
