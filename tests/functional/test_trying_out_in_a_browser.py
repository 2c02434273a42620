"""What an operator tries out, in a real browser: own pictures, and simulated viewers."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from pytest_django import Settings

from experiments.making import creative_steps, creatives
from experiments.models import SimulatedTraffic, Video
from experiments.studies import trial
from tests import browser, chromium
from tests.experiments import pictures
from tests.experiments.world import make_experiment, make_video

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]


@pytest.fixture(autouse=True)
def own_places(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.CELERY_BROKER_URL = tmp_path, "memory://"


def upload(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "image/png", "buffer": content}


def test_a_picture_is_brought_by_keyboard_and_shows_once_a_worker_made_it(page: Page) -> None:
    video = make_video("bikes")
    page.goto("/console/videos/bikes/creatives/")
    browser.look_at(page, "creatives-empty")
    page.get_by_label("Name").fill("spring")
    page.get_by_label("File").nth(1).set_input_files(upload("a.svg", b"<svg/>"))
    page.get_by_role("button", name="Bring it").press("Enter")
    page.get_by_text("is no picture that is taken").wait_for()
    browser.look_at(page, "creatives-wrong")
    assert page.get_by_label("Name").input_value() == "spring"
    page.get_by_label("File").nth(1).set_input_files(upload("a.gif", pictures.moving().read()))
    page.get_by_role("button", name="Bring it").press("Enter")
    page.get_by_text("waiting for a worker").wait_for()
    creatives.bring(Video.objects.get(), "raw", pictures.still("navy"))
    creatives.bring(Video.objects.get(), "torn", pictures.damaged())
    creative_steps.make(video, lambda *_: None)  # as a worker would
    page.get_by_text("broken.png is damaged").wait_for()  # the page asks by itself
    assert page.get_by_text("waiting for a worker").count() == 0
    browser.look_at(page, "creatives")


def test_simulated_viewers_are_sent_and_their_way_is_seen(page: Page) -> None:
    experiment = make_experiment("spring", videos=3, simulated="By a test.")
    page.goto("/console/experiments/spring/trial/")
    browser.look_at(page, "trial-empty")
    page.get_by_label("Viewers").fill("0")
    page.get_by_label("Viewers").evaluate("field => field.removeAttribute('min')")
    page.get_by_role("button", name="Send them").press("Enter")
    page.locator(".errors").wait_for()
    browser.look_at(page, "trial-wrong")
    page.get_by_label("Viewers").fill("40")
    page.get_by_role("button", name="Send them").press("Enter")
    page.get_by_text("0 of 40 viewers").wait_for()
    trial.send(SimulatedTraffic.objects.get())  # as a worker would
    page.get_by_text("40 of 40 viewers").wait_for()
    SimulatedTraffic.objects.create(
        experiment=experiment, viewers=9, lift=0, state="failed", message="the feed is away"
    )
    page.reload()
    browser.look_at(page, "trial")


ODD = b"t;a;n;x\n" + b"".join(
    f"{test};{arm};900;{30 + 5 * (arm == 'new')}\n".encode()
    for test in range(60)
    for arm in ("old", "new")
)


def test_old_tests_are_judged_by_a_file_that_is_chosen_once(page: Page) -> None:
    page.goto("/dashboards/archives/")
    browser.look_at(page, "archives-empty")
    page.get_by_label("File of counts").set_input_files(upload("counts.csv", ODD))
    page.get_by_text("120 rows").wait_for()  # the page asks by itself
    page.get_by_label("Test").select_option("t")
    page.get_by_role("button", name="Judge the tests").press("Enter")
    for name, column in (("Test", "t"), ("Arm", "a"), ("Impressions", "n"), ("Clicks", "x")):
        page.get_by_label(name, exact=True).select_option(column)
    browser.look_at(page, "archives-columns")
    page.get_by_role("button", name="Judge the tests").press("Enter")
    page.get_by_text("60 tests, of which 60 can be trusted.").wait_for()
    browser.look_at(page, "archive")
