"""Several tabs at once, blocked storage, and the way back to a page, in a real browser."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import QuerySet
from playwright.sync_api import Browser, BrowserContext, Page

from experiments.analysis.layout import Layout
from experiments.events.keys import key_step
from experiments.events.receipts import DUPLICATE
from experiments.measures import Step
from experiments.models import Event, Experiment, Rejection
from tests import browser, chromium
from tests.functional.test_pages_in_a_browser import gifs  # noqa: F401  a fixture
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]
BLOCKED = (
    "for (const name of ['localStorage', 'sessionStorage'])"
    " Object.defineProperty(window, name, { get() { throw new DOMException('blocked'); } });"
)
NOTE_RETURNS = "addEventListener('pageshow', (event) => { window.cameBack = event.persisted; });"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    """Run a browser that keeps pages for the way back, as people's do."""
    with browser.opened(keeps_pages=True) as opened:
        yield opened


@pytest.fixture
def context(chrome: Browser) -> Iterator[BrowserContext]:
    made = browser.patient(chrome.new_context())
    made.add_init_script(NOTE_RETURNS)
    yield made
    made.close()


@pytest.fixture
def address(gifs: Experiment, live_server: Any) -> str:  # noqa: F811
    return f"{live_server.url}/feed/pilot/"


def told() -> QuerySet[Event]:
    """Return the feed's events of this test; pages of the one before may tell their last late."""
    return Event.objects.filter(cell__in=Layout.of(Experiment.objects.get()).cells)


def steps_told() -> Counter[str]:
    keys = told().values_list("key", flat=True)
    return Counter(Step(key_step(key)).name.lower() for key in keys)


def pictures(page: Page) -> list[str]:
    shown: list[str] = page.locator(".card img").evaluate_all(
        "(all) => all.map((each) => each.src)"
    )
    return shown


def test_tabs_show_the_same_arms_and_each_page_view_counts_once(
    address: str, context: BrowserContext
) -> None:
    first = context.new_page()
    first.goto(address)
    wait_until(lambda: steps_told()["viewable"] == 2, "the first tab is told")
    others = [context.new_page() for _ in range(2)]
    for each in others:
        each.goto(address, wait_until="commit")
    for each in others:  # what stands in the back is seen once it comes to the front
        each.bring_to_front()
        each.locator(".playing").first.wait_for()
        each.wait_for_timeout(1200)
    wait_until(lambda: steps_told()["viewable"] == 6, "every tab is told")
    assert [pictures(each) for each in others] == [pictures(first)] * 2
    events = told()
    assert steps_told()["served"] == 6
    assert len({event.viewer for event in events}) == 1
    assert len({(event.video, event.cell) for event in events}) == 2
    assert not Rejection.objects.filter(reason=DUPLICATE).exists()


def test_blocked_storage_breaks_nothing_and_keeps_the_arm(
    address: str, context: BrowserContext
) -> None:
    context.add_init_script(BLOCKED)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(address)
    wait_until(lambda: steps_told()["viewable"] == 2, "it is told")
    before = pictures(page)
    page.get_by_role("button", name="Pause previews").click()
    assert page.locator(".playing").count() == 0
    page.reload()
    wait_until(lambda: steps_told()["viewable"] == 4, "and again after a reload")
    assert pictures(page) == before
    assert faults == []
    assert told().values("viewer").distinct().count() == 1


def test_going_back_shows_the_page_as_it_was_and_counts_nothing_anew(
    address: str, context: BrowserContext
) -> None:
    page = context.new_page()
    page.goto(address)
    wait_until(lambda: steps_told()["viewable"] == 2, "it is told")
    page.locator(".card a").first.click()
    page.wait_for_url("**/watch/**")
    wait_until(lambda: steps_told()["click"] == 1, "the click is told")
    page.go_back(wait_until="commit")  # a page that comes back is loaded already
    page.wait_for_function("window.cameBack === true")
    page.locator(".card a").nth(1).click()
    page.wait_for_url("**/watch/**")
    wait_until(lambda: steps_told()["click"] == 2, "a click on the page that came back is told")
    steps = steps_told()
    assert (steps["served"], steps["viewable"], steps["click"]) == (2, 2, 2)
