"""Another site's pages in a real browser: its pictures, what they tell, and who is let in."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.fixtures import Settings
from werkzeug.serving import make_server

from examples.site.site import make_site
from experiments.access_keys import issue
from experiments.events.keys import key_step
from experiments.measures import Step
from experiments.models import Event, Experiment, Rejection
from experiments.serving import feed
from tests import browser, chromium
from tests.functional.test_pages_in_a_browser import gifs  # noqa: F401  a fixture
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]
VIDEOS = ["pilot-0", "pilot-1", "unknown"]
# How much of what the viewer has seen moved under them: web.dev's Cumulative Layout Shift.
COUNT_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => list.getEntries().forEach((each) => { shifted += each.value; }))
  .observe({ type: "layout-shift", buffered: true });
window.shownFirst = [];
document.addEventListener("load", ({ target }) => {
  if (target.matches?.("img") && getComputedStyle(target).visibility === "visible")
    shownFirst.push(target.src);
}, { capture: true });
"""


@pytest.fixture
def context(chrome: Browser) -> Iterator[BrowserContext]:
    made = browser.patient(chrome.new_context())
    made.add_init_script(COUNT_SHIFTS)
    yield made
    made.close()


@contextmanager
def running(coverlift: str, key: str) -> Iterator[str]:
    """Run the example site at an origin of its own."""
    server = make_server("127.0.0.1", 0, make_site(coverlift, key, VIDEOS), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def whole_addresses(live_server: Any, settings: Settings) -> None:
    """Give media whole addresses, as COVERLIFT_PUBLIC_URL does before anything is served."""
    settings.MEDIA_URL = f"{live_server.url}/media/"


@pytest.fixture
def site(whole_addresses: None, gifs: Experiment, live_server: Any) -> Iterator[str]:  # noqa: F811
    """Run a second origin, whose key lists it."""
    key, text = issue("a site", ["embed"])
    with running(live_server.url, text) as origin:
        key.origins = [origin]
        key.save()
        feed.refresh()
        yield origin


def steps_told() -> Counter[str]:
    keys = Event.objects.values_list("key", flat=True)
    return Counter(Step(key_step(key)).name.lower() for key in keys)


def told(**steps: int) -> Callable[[], bool]:
    return lambda: steps_told() == steps


def leave(page: Page) -> None:
    page.goto("about:blank")


def test_pictures_are_filled_in_and_every_step_is_told(
    site: str, context: BrowserContext, live_server: Any
) -> None:
    page = context.new_page()
    page.goto(site)
    images = page.locator("img[data-coverlift-done]")
    images.nth(2).wait_for()
    sources = images.evaluate_all("(all) => all.map((image) => image.src)")
    assert all(source.startswith(f"{live_server.url}/media/moving.") for source in sources[:2])
    assert sources[2] == f"{site}/own.png"  # a video that is not known keeps the site's own
    wait_until(told(served=2, loaded=2, viewable=2, animated=2), "every step is told")
    assert page.evaluate("shifted") == 0
    assert f"{site}/own.png" not in page.evaluate("shownFirst.slice(0, -1)")


def test_clicks_on_picture_and_title_arrive_and_lead_to_what_is_watched(
    site: str, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(site)
    page.locator("img[data-coverlift-done]").nth(1).wait_for()
    page.get_by_role("link", name="pilot-1").click()
    page.locator("video").wait_for(state="attached")
    clicked = page.evaluate("JSON.parse(localStorage['coverlift.clicked'])")
    assert clicked[0][0] == "pilot-1"
    page.go_back()
    page.locator("img").nth(0).click()
    leave(page)
    wait_until(lambda: steps_told()["click"] == 2, "both clicks arrive")
    assert steps_told()["viewable"] >= 2


def test_what_the_site_renders_itself_is_told_as_well(site: str, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{site}/rendered")
    wait_until(told(served=2, loaded=2, viewable=2, animated=2), "every step is told")
    assert page.evaluate("shifted") == 0


def test_a_third_origin_sees_its_own_pictures_and_tells_nothing(
    site: str, context: BrowserContext, live_server: Any
) -> None:
    _, text = issue("another site", ["embed"], origins=[site])
    feed.refresh()
    with running(live_server.url, text) as third:
        page = context.new_page()
        page.goto(third)
        page.locator("img[data-coverlift-done]").nth(2).wait_for()
        sources = page.locator("img").evaluate_all("(all) => all.map((image) => image.src)")
        assert set(sources) == {f"{third}/own.png"}
        token = feed.slots("ann").slots[0].token
        page.evaluate(
            """([url, token]) => fetch(url, { method: "POST", mode: "no-cors",
                 body: JSON.stringify({ events: [{ token, step: "click" }] }) })""",
            [f"{live_server.url}/embed/events?key={text}", token],
        )
    wait_until(lambda: Rejection.objects.filter(reason="origin").exists(), "it is refused")
    assert Rejection.objects.filter(reason="origin").last().sample == third  # type: ignore[union-attr]
    assert not Event.objects.exists()


def test_a_viewer_keeps_the_arm_where_storage_is_blocked(
    site: str, context: BrowserContext
) -> None:
    """The site names the viewer; nothing is kept in the browser, and nothing breaks."""
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, { get() { throw new DOMException('blocked'); } });"
    )
    page = context.new_page()
    page.goto(site)
    wait_until(told(served=2, loaded=2, viewable=2, animated=2), "every step is told")
    assert Event.objects.values("viewer").distinct().count() == 1
    page.reload()
    wait_until(lambda: steps_told()["viewable"] == 4, "and again after a reload")
    assert Event.objects.values("viewer").distinct().count() == 1


def test_a_page_that_is_only_prepared_tells_nothing(site: str, context: BrowserContext) -> None:
    context.add_init_script(
        "Object.defineProperty(document, 'prerendering', { value: true, configurable: true });"
    )
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site)
    page.wait_for_timeout(300)
    assert not [url for url in asked if "/arms" in url or "/events" in url or "/media/" in url]
    page.evaluate("document.dispatchEvent(new Event('prerenderingchange'))")
    wait_until(lambda: steps_told()["viewable"] == 2, "it is told once the page is shown")


def test_what_could_not_be_told_is_told_when_the_page_comes_back(
    site: str, context: BrowserContext
) -> None:
    page = context.new_page()
    answered: list[str] = []
    page.on("response", lambda response: answered.append(response.url))
    page.route("**/embed/events*", lambda route: route.abort())
    page.goto(site)
    page.locator("img[data-coverlift-done]").nth(1).wait_for()
    page.wait_for_function("JSON.parse(sessionStorage['coverlift.outbox'] || '[]').length >= 6")
    assert not [url for url in answered if "/embed/events" in url]
    page.unroute("**/embed/events*")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    wait_until(lambda: steps_told()["viewable"] == 2, "it is told in the end")


def test_a_slow_answer_leaves_the_sites_own_picture_and_nothing_flashes(
    site: str, context: BrowserContext
) -> None:
    page = context.new_page()
    held: list[Any] = []
    page.route("**/embed/arms*", lambda route: held.append(route))  # noqa: PLW0108  Playwright asks its own
    page.goto(site)
    page.locator("img[data-coverlift-done]").nth(2).wait_for()
    held[0].continue_()
    page.wait_for_timeout(500)
    sources = page.locator("img").evaluate_all("(all) => all.map((image) => image.src)")
    assert set(sources) == {f"{site}/own.png"}
    assert not Event.objects.exists()


def test_pictures_that_come_later_are_filled_in_as_well(site: str, context: BrowserContext) -> None:
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site)
    page.locator("img[data-coverlift-done]").nth(2).wait_for()
    assert sum("/arms" in url for url in asked) == 1
    page.evaluate("document.body.insertAdjacentHTML('afterbegin', '<img data-coverlift=pilot-0>')")
    page.locator("img[data-coverlift-done]").nth(3).wait_for()
    assert sum("/arms" in url for url in asked) == 2
