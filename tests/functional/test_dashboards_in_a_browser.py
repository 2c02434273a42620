"""The analysts' pages in a real browser, in their states: for all eyes, widths and schemes."""

import csv
import io
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Download, Locator, Page

from experiments.analysis import summaries
from experiments.analysis.report.formatting import signed_percent
from experiments.models import Experiment, Thumbnail
from tests import browser, chromium
from tests.experiments.analysis.report.cast import LOPSIDED, counted_study
from tests.experiments.analysis.videos.test_build import drawn
from tests.experiments.deciding.test_gains import decided
from tests.experiments.world import make_experiment

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]


@pytest.fixture
def pictures(settings: Any, tmp_path: Path) -> None:
    """Let every thumbnail show a picture of its selector's colour."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for selector, colour in (("raw", "grey"), ("re_seq2seq", "orange"), ("gevaden", "green")):
        file = BytesIO()
        Image.new("RGB", (320, 180), colour).save(file, "PNG")
        name = default_storage.save(f"{selector}.png", ContentFile(file.getvalue()))
        Thumbnail.objects.filter(selector=selector).update(file=name)


def rows_of(download: Download) -> list[dict[str, str]]:
    """Return the rows of a CSV file that the browser has got."""
    text = download.path().read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_the_videos_one_by_one(page: Page, request: pytest.FixtureRequest) -> None:
    counted_study(drawn())
    request.getfixturevalue("pictures")
    page.goto("/dashboards/pilot/videos/")
    page.wait_for_selector(".js-plotly-plot")
    browser.look_at(page, "videos")
    page.get_by_label("Show").select_option("winners")
    page.get_by_role("button", name="Show").click()
    assert "show=winners" in page.url
    assert page.get_by_text("The filter leaves").is_visible()
    browser.look_at(page, "videos-winners")


def shown_beside(word: Locator) -> str:
    """Return what the sheet shows with a word; "none" for nothing."""
    shown: str = word.evaluate("word => getComputedStyle(word, '::after').content")
    return shown


def test_words_are_explained_on_hover_and_on_focus(page: Page) -> None:
    counted_study()
    page.goto("/dashboards/pilot/")
    headline = page.locator(".headline").first
    word = headline.locator(".term", has_text="Verdict")
    assert headline.inner_text().startswith("Verdict:")  # the sentence stays whole
    described = page.locator(f"#{word.get_attribute('aria-describedby')}")
    assert "the one thing an experiment says" in (described.text_content() or "")
    assert shown_beside(word) == "none"
    word.focus()
    assert "the one thing an experiment says" in shown_beside(word)
    page.keyboard.press("Escape")
    assert shown_beside(word) == "none"
    word.blur()
    word.hover()
    assert "the one thing an experiment says" in shown_beside(word)
    browser.look_at(page, "report")
    word.focus()
    browser.look_at(page, "report-word")


def test_the_report_of_an_experiment_that_nobody_has_seen(page: Page) -> None:
    make_experiment("new", videos=3)
    page.goto("/dashboards/new/")
    browser.look_at(page, "report-empty")


def test_the_overview_is_found_through_by_filters(page: Page) -> None:
    counted_study(slug="spring")
    counted_study(LOPSIDED, slug="odd", question="Do red covers win?", ended=False)
    counted_study(slug="new", simulated="by a test", ended=False)
    summaries.renew()
    Experiment.objects.create(slug="draft", name="Only an idea")
    counted_study(slug="unseen")
    page.goto("/dashboards/")
    browser.look_at(page, "overview")
    page.get_by_label("Verdict").select_option("do not trust")
    page.get_by_role("button", name="Show").click()
    assert page.locator("tbody th").all_inner_texts() == ["odd\nDo red covers win?"]
    page.get_by_label("Name or question").fill("nowhere")
    page.get_by_role("button", name="Show").click()
    browser.look_at(page, "overview-empty")


def test_decisions_are_set_beside_what_they_bring(page: Page) -> None:
    for number in range(5):
        decided(f"study-{number}")
    decided("quiet", holdback=0)
    summaries.renew(budget_s=60)
    page.goto("/dashboards/decisions/")
    browser.look_at(page, "decisions")
    with page.expect_download() as download:
        page.get_by_role("link", name="All as CSV").click()
    lines = rows_of(download.value)
    measured = [signed_percent(float(x)) for row in lines if (x := row["measured_lift"])]
    shown = page.locator("td[data-name=Measured] a").all_inner_texts()
    assert measured == [text.replace("\N{NO-BREAK SPACE}", " ") for text in shown]
    assert len(shown) == 5
