"""Reports in a real browser, on a phone and on a desk: no text over another, no table too wide."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from experiments.analysis import two_way
from experiments.events.rollup import roll_up
from experiments.models import Arm, Experiment, Phase
from experiments.serving import allocation_phases, lifecycle
from tests import browser, chromium, layout
from tests.experiments.analysis.cuts import traffic
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, counted_study
from tests.experiments.analysis.videos.test_build import drawn
from tests.experiments.world import make_experiment

pytestmark = [pytest.mark.functional, pytest.mark.django_db(transaction=True), chromium.needed]
PHONE_PX, SMALL_DESK_PX, DESK_PX = 390, 900, 1366
LINES_OF_DATES = """() => {
    const lines = [];
    const texts = document.createTreeWalker(document.querySelector("table"), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const date = /\\d{4}-\\d\\d-\\d\\d/.exec(texts.currentNode.data);
        if (!date) continue;
        const range = document.createRange();
        range.setStart(texts.currentNode, date.index);
        range.setEnd(texts.currentNode, date.index + date[0].length);
        lines.push(range.getClientRects().length);
    }
    return lines;
}"""
NAMES = ("raw thumbnails", "re-SEQ2SEQ", "GEVADEN")
CHANGES = {1: {0: 1, 1: 2, 2: 1}, 3: {0: 2, 1: 1, 2: 1}}  # weights, by the day after the start
LOOKS = 4
ROOMS = 9  # of the console, for an administrator


def phased() -> Experiment:
    """Make a running experiment of three phases, with what is computed aside."""
    experiment = make_experiment(videos=12, planned_end=timezone.now() + timedelta(days=9))
    for index, name in enumerate(NAMES):
        Arm.objects.filter(experiment=experiment, index=index).update(name=name)
    begun = timezone.now() - timedelta(days=traffic.DAYS)
    Phase.objects.update(started_at=begun)
    for day, weights in CHANGES.items():
        phase = allocation_phases.change(experiment, weights=weights)
        at = begun + timedelta(days=day)
        experiment.phases.filter(number=phase.number - 1).update(ended_at=at)
        experiment.phases.filter(number=phase.number).update(started_at=at)
    traffic.store(experiment, views=60_000)
    roll_up()
    two_way.compute(experiment.pk)
    return experiment


def at_looks(experiment: Experiment) -> None:
    Experiment.objects.update(
        stopping_rule="group_sequential", looks=LOOKS, planned_days=28,
        planned_end=timezone.now() + timedelta(days=28 - traffic.DAYS),
    )  # fmt: skip
    two_way.compute(experiment.pk)


def open_at(page: Page, width_px: int) -> None:
    page.set_viewport_size({"width": width_px, "height": browser.HEIGHT_PX})
    page.goto("/dashboards/pilot/")
    page.locator(".js-plotly-plot .main-svg").first.wait_for()


@pytest.mark.parametrize("state", ["running", "with looks", "ended"])
def test_a_report_of_three_phases(page: Page, state: str) -> None:
    experiment = phased()
    if state == "with looks":
        at_looks(experiment)
    if state == "ended":
        lifecycle.end(experiment)
    open_at(page, PHONE_PX)
    assert page.get_by_role("group", name="Units of each phase").is_visible()
    assert page.locator("[data-figure=figure-cut-number] .xtick text").count() > 1
    assert layout.chart_flaws(page) == []
    assert layout.wide_tables(page) == []
    open_at(page, DESK_PX)
    assert layout.chart_flaws(page) == []
    assert layout.wide_tables(page) == []
    if browser.PICTURES:
        browser.look_at(page, f"report-{state.replace(' ', '-')}")


def test_a_report_of_little(page: Page) -> None:
    counted_study(FOUR_VIDEOS[:2])
    for width_px in (PHONE_PX, DESK_PX):
        open_at(page, width_px)
        assert layout.chart_flaws(page) == []
        assert layout.wide_tables(page) == []
    if browser.PICTURES:
        browser.look_at(page, "report-of-little")


def test_a_phone_that_is_turned(page: Page) -> None:
    phased()
    open_at(page, PHONE_PX)
    for width_px in (844, PHONE_PX, DESK_PX):
        page.set_viewport_size({"width": width_px, "height": PHONE_PX})
        page.wait_for_timeout(browser.SETTLED_MS)
        widths = page.locator(".plot").evaluate_all(
            "all => all.map((e) => [e.clientWidth, e.querySelector('.main-svg').clientWidth])"
        )
        assert widths
        assert all(place == drawn for place, drawn in widths)
        assert layout.chart_flaws(page) == []


def test_every_room_of_the_console_is_in_sight(page: Page) -> None:
    page.set_viewport_size({"width": PHONE_PX, "height": browser.HEIGHT_PX})
    page.goto("/console/")
    rooms = page.get_by_role("navigation", name="Console").get_by_role("link")
    right_px = rooms.evaluate_all("all => all.map((e) => e.getBoundingClientRect().right)")
    assert len(right_px) == ROOMS
    assert max(right_px) <= PHONE_PX


def test_arms_and_lifts_need_no_scrolling(page: Page) -> None:
    counted_study(drawn(), ended=False)
    page.set_viewport_size({"width": PHONE_PX, "height": browser.HEIGHT_PX})
    for address in ("/console/experiments/pilot/", "/dashboards/pilot/videos/"):
        page.goto(address)
        assert layout.small_controls(page) == []
        assert page.locator("table.arms").count() > 0
        assert layout.wide_tables(page) == []


def test_the_fields_of_a_filter_stay_within_it(page: Page) -> None:
    make_experiment()
    page.set_viewport_size({"width": PHONE_PX, "height": browser.HEIGHT_PX})
    page.goto("/console/videos/")
    right_px = page.locator(".filter, .filter :is(input, select)").evaluate_all(
        "all => all.map((e) => e.getBoundingClientRect().right)"
    )
    assert len(right_px) > 1
    assert max(right_px) <= right_px[0]


def test_a_date_in_a_table_stays_on_one_line(page: Page) -> None:
    lifecycle.end(make_experiment(videos=1))
    page.set_viewport_size({"width": SMALL_DESK_PX, "height": browser.HEIGHT_PX})
    for address in ("/console/videos/", "/dashboards/"):
        page.goto(address)
        assert set(page.evaluate(LINES_OF_DATES)) == {1}
