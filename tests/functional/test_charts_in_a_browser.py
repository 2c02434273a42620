"""Charts in a real browser: drawn without complaint, saved as a picture, printed, read as text."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Page
from pytest_django.live_server_helper import LiveServer

from experiments.models import Experiment
from tests import browser, chromium
from tests.experiments.analysis.report.cast import FOUR_VIDEOS, add_day, counted_study
from tests.waiting import wait_until

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]
CHARTS = 5
ALL_FIT = """() => [...document.querySelectorAll(".main-svg")].every(
    (each) => each.getBoundingClientRect().right
        <= each.closest(".panel").getBoundingClientRect().right
)"""
WIDTHS_PX = """() => [...document.querySelectorAll(".main-svg")].map(
    (each) => each.getBoundingClientRect().width
)"""


@pytest.fixture
def experiment() -> Experiment:
    """Make one that has every chart of the report."""
    made = counted_study(ended=False)
    add_day(made, FOUR_VIDEOS, day=1)
    return made


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """Collect what the browser complains of."""
    found: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            found.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


def test_charts_are_drawn_and_saved_without_complaint(
    page: Page, experiment: Experiment, complaints: list[str]
) -> None:
    page.goto(f"/dashboards/{experiment.slug}/")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert page.locator(".js-plotly-plot").count() >= CHARTS
    button = page.get_by_role("button", name="Save as picture of mCTR by arm")
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert download.value.suggested_filename == "pilot-rates.png"
    picture = Image.open(io.BytesIO(download.value.path().read_bytes()))
    assert (picture.format, picture.width) == ("PNG", 1800)
    colours = picture.convert("RGB").getcolors(maxcolors=2**24) or []
    assert max(colours)[1] == (255, 255, 255)
    assert len(colours) > 20
    page.mouse.move(400, 400)
    assert complaints == []


def test_text_of_charts_follows_the_scheme(page: Page, experiment: Experiment) -> None:
    page.goto(f"/dashboards/{experiment.slug}/")
    text = page.locator(".js-plotly-plot .xtick text").first
    text.wait_for()
    shades = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        shades.append(text.evaluate("each => getComputedStyle(each).fill"))
    assert shades == ["rgb(27, 28, 30)", "rgb(236, 236, 234)"]


def test_without_scripts_each_chart_is_a_table(
    chrome: Browser, live_server: LiveServer, experiment: Experiment
) -> None:
    context = chrome.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"/dashboards/{experiment.slug}/")
    tables = page.locator(".charts details")
    assert tables.count() >= CHARTS
    tables.first.locator("summary").click()
    assert tables.first.locator("tbody tr").count() == 3
    assert page.get_by_role("button", name="Save as picture").count() == 0
    context.close()


def test_printed_on_paper_nothing_is_cut_and_nothing_is_dark(
    page: Page, experiment: Experiment
) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"/dashboards/{experiment.slug}/")
    page.wait_for_selector(".js-plotly-plot .main-svg")
    pdf = page.pdf(format="A4", print_background=True)
    assert pdf.startswith(b"%PDF")
    if browser.PICTURES:
        (Path(browser.PICTURES) / "printed.pdf").write_bytes(pdf)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")  # comes before the paper's layout
    wait_until(lambda: set(page.evaluate(WIDTHS_PX)) == {640}, "every chart has the paper's width")
    page.set_viewport_size({"width": 700, "height": 1000})  # A4 less its margins
    page.emulate_media(media="print", color_scheme="dark")
    wait_until(lambda: page.evaluate(ALL_FIT), "every chart fits the paper")
    assert page.evaluate("document.documentElement.scrollWidth") <= 700
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground == "rgb(255, 255, 255)"
    assert page.locator(".no-print:visible").count() == 0


def test_the_exported_file_opens_offline_with_the_pages_numbers(
    page: Page, experiment: Experiment, complaints: list[str], tmp_path: Path
) -> None:
    page.goto(f"/dashboards/{experiment.slug}/")
    with page.expect_download() as download:
        page.get_by_role("link", name="One file to hand on (HTML)").click()
    file = tmp_path / "report.html"
    download.value.save_as(file)
    shown = page.locator("table.arms").first.inner_text()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.goto(file.as_uri())
    page.wait_for_selector(".js-plotly-plot .main-svg")
    assert page.locator(".js-plotly-plot").count() >= CHARTS
    assert page.locator("table.arms").first.inner_text() == shown
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert complaints == []
    browser.look_at(page, "export")
