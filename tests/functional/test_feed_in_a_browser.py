"""The feed in a real browser: rows that come as one scrolls, what plays, and what is asked for."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.fixtures import Settings

from experiments.events.keys import context_position, key_step
from experiments.measures import Step
from experiments.models import Arrival, Event, Experiment, Thumbnail, Video
from experiments.serving import feed
from server.pages.feed import SLOTS_A_PAGE
from tests import browser, chromium
from tests.experiments.world import make_experiment
from tests.functional.test_embedding_in_a_browser import COUNT_SHIFTS
from tests.functional.test_pages_in_a_browser import moving_picture
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]
MORE = 6  # videos on the second page
ALL = SLOTS_A_PAGE + MORE
SAVES_DATA = "Object.defineProperty(navigator.connection, 'saveData', { value: true });"


@pytest.fixture
def gifs(settings: Settings, tmp_path: Path) -> Iterator[Experiment]:
    """Start an experiment of more videos than a page holds, whose only arm shows GIFs."""
    settings.MEDIA_ROOT = tmp_path / "media"
    experiment = make_experiment(videos=ALL, weights=(0, 1, 0))
    pictures = list(moving_picture())
    for thumbnail in Thumbnail.objects.filter(selector="re_seq2seq"):
        own = f"{thumbnail.video_id}-moving"
        thumbnail.renditions = [
            {"name": name, "file": default_storage.save(f"{own}.{name}", ContentFile(picture)),
             "media_type": media_type, "size_bytes": len(picture), "width": 320, "height": 180}
            for name, media_type, picture in pictures
        ]  # fmt: skip
        thumbnail.file.name = f"{own}.gif"
        thumbnail.save()
    feed.refresh()
    yield experiment
    # Django does not empty the partitioned table and that of arrivals: they are not its own.
    Event.objects.all().delete()
    Arrival.objects.all().delete()


@pytest.fixture
def context(chrome: Browser) -> Iterator[BrowserContext]:
    made = browser.patient(chrome.new_context(viewport={"width": 390, "height": 800}))
    made.add_init_script(COUNT_SHIFTS)
    yield made
    made.close()


@pytest.fixture
def page(gifs: Experiment, context: BrowserContext, live_server: Any) -> Page:
    """Open the feed on a telephone."""
    opened = context.new_page()
    opened.goto(f"{live_server.url}/feed/pilot/")
    return opened


def steps_told() -> Counter[str]:
    keys = Event.objects.values_list("key", flat=True)
    return Counter(Step(key_step(key)).name.lower() for key in keys)


def scroll_to_the_end(page: Page) -> None:
    page.evaluate("scrollTo(0, document.body.scrollHeight)")


def test_rows_come_as_one_scrolls_and_are_counted_no_sooner(page: Page) -> None:
    wait_until(lambda: steps_told()["served"] == SLOTS_A_PAGE, "the first page is told")
    assert page.locator(".card").count() == SLOTS_A_PAGE
    scroll_to_the_end(page)
    page.locator(".card").nth(ALL - 1).wait_for()
    wait_until(lambda: steps_told()["served"] == ALL, "the further rows are told")
    served = [event for event in Event.objects.all() if key_step(event.key) == Step.SERVED]
    assert sorted(context_position(event.context) for event in served) == list(range(ALL))
    assert {event.viewer for event in served} == {served[0].viewer}
    assert len({event.video for event in served}) == ALL
    assert page.locator(".more").count() == 0
    assert page.evaluate("shifted") == 0


def test_only_what_is_near_the_view_is_fetched(
    gifs: Experiment, context: BrowserContext, live_server: Any
) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/feed/pilot/", wait_until="networkidle")
    media = [url for url in asked if "/media/" in url]
    assert 4 <= len(media) < SLOTS_A_PAGE
    assert not [url for url in asked if "page=1" in url]


def test_without_javascript_a_link_leads_on(
    gifs: Experiment, chrome: Browser, live_server: Any
) -> None:
    context = browser.patient(chrome.new_context(java_script_enabled=False))
    page = context.new_page()
    page.goto(f"{live_server.url}/feed/pilot/")
    page.get_by_role("link", name="More videos").click()
    assert page.url.endswith("?page=1")
    assert page.locator(".card").count() == MORE
    context.close()


def test_rows_that_do_not_come_leave_the_link(page: Page) -> None:
    page.route("**/*page=1", lambda route: route.abort())
    scroll_to_the_end(page)
    page.get_by_role("link", name="More videos").wait_for()


def test_so_many_play_as_the_site_wishes_and_the_one_pointed_at_first(
    gifs: Experiment, chrome: Browser, live_server: Any, settings: Settings
) -> None:
    settings.PREVIEWS_AT_ONCE = 1
    context = browser.patient(chrome.new_context(viewport={"width": 1366, "height": 800}))
    page = context.new_page()
    page.goto(f"{live_server.url}/feed/pilot/")
    playing, cards = page.locator(".playing"), page.locator(".card")
    playing.wait_for()
    assert "playing" in (cards.nth(0).get_attribute("class") or "")
    wait_until(lambda: steps_told()["viewable"] >= 4, "those that stand still are seen, too")
    wait_until(lambda: steps_told()["animated"] == 1, "the one that plays is told")
    cards.nth(2).hover()
    page.locator(".card:nth-child(3).playing").wait_for()
    assert playing.count() == 1
    page.mouse.move(0, 0)
    cards.nth(1).locator("a").focus()
    page.keyboard.press("Tab")
    page.locator(".card:nth-child(3).playing").wait_for()
    wait_until(lambda: steps_told()["animated"] == 2, "what was held still is told once it plays")
    context.close()


def test_off_the_view_nothing_plays(page: Page) -> None:
    page.locator(".card:nth-child(1).playing").wait_for()
    page.locator(".card").nth(9).scroll_into_view_if_needed()
    page.locator(".card:nth-child(10).playing").wait_for()
    assert page.locator(".card:nth-child(1).playing").count() == 0
    assert page.locator(".playing").count() <= 2


def test_who_saves_data_sees_stills_in_the_same_arm_and_is_told_so(
    gifs: Experiment, context: BrowserContext, live_server: Any
) -> None:
    page = context.new_page()
    page.goto(f"{live_server.url}/feed/pilot/")
    wait_until(lambda: steps_told()["viewable"] >= 1, "seen while it moves")
    assert steps_told()["calm"] == 0
    seen = set(Event.objects.values_list("video", "viewer", "cell"))
    context.set_extra_http_headers({"Save-Data": "on"})
    context.add_init_script(SAVES_DATA)
    page.goto(f"{live_server.url}/feed/pilot/")
    wait_until(lambda: steps_told()["calm"] == SLOTS_A_PAGE, "every impression is told as calm")
    sources = page.locator(".card img").evaluate_all(
        "(all) => all.map((image) => image.currentSrc)"
    )
    assert {source.rpartition(".")[2] for source in sources if source} == {"still"}
    assert set(Event.objects.values_list("video", "viewer", "cell")) == seen
    assert page.locator(".moves").count() == 0


def test_nobody_is_shut_out(
    gifs: Experiment, context: BrowserContext, live_server: Any, settings: Settings
) -> None:
    titles = [
        "A walk in the park",
        "الحديقة في الصباح",
        "How the very long title of a film is cut " * 3,
    ]
    for number, title in enumerate(titles):
        Video.objects.filter(slug=f"pilot-{number}").update(
            title=title, channel="Parks and Gardens of the North", published_at=gifs.started_at
        )
    feed.refresh()
    page = context.new_page()
    for name, path in (
        ("feed", "feed/pilot/"), ("watch", "watch/pilot-1/"), ("no-feed", "feed/none/"),
        ("no-video", "watch/none/"),
    ):  # fmt: skip
        page.goto(f"{live_server.url}/{path}")
        browser.look_at(page, name)
    page.emulate_media(reduced_motion="reduce")
    page.goto(f"{live_server.url}/feed/pilot/")
    browser.look_at(page, "feed-calm")
    assert page.locator(".playing").count() == 0


def drawn(page: Page) -> list[int]:
    """Return the pixels of the first frame that lies over the first card's picture."""
    canvas = page.locator(".cover canvas").first
    canvas.wait_for(state="attached")
    return list(canvas.evaluate("canvas => [canvas.width, canvas.height]"))


def test_what_stands_still_has_the_pixels_of_a_dense_screen(
    gifs: Experiment, chrome: Browser, live_server: Any
) -> None:
    for density, width_px in ((1, 320), (2, 640), (3, 640)):
        context = chrome.new_context(
            viewport={"width": 1366, "height": 800}, device_scale_factor=density
        )
        page = browser.patient(context).new_page()
        page.goto(f"{live_server.url}/feed/pilot/")
        assert drawn(page) == [width_px, width_px * 9 // 16]
        context.close()


@pytest.mark.parametrize(("shape", "ratio"), [("film", 16 / 9), ("9:16", 9 / 16)])
def test_a_portrait_picture_is_shown_whole_in_a_card_of_the_sites_shape(
    gifs: Experiment, page: Page, settings: Settings, shape: str, ratio: float
) -> None:
    settings.PICTURE_SHAPE = shape
    Thumbnail.objects.update(width=180, height=320)
    feed.refresh()
    page.reload()
    cover = page.locator(".cover.tall").first
    box = cover.bounding_box()
    assert box
    assert box["width"] / box["height"] == pytest.approx(ratio, rel=0.02)
    fits = cover.locator("img").evaluate("img => getComputedStyle(img).objectFit")
    assert fits == "contain"
