"""The report of one experiment in a real browser: its cuts are drawn, filtered and handed on."""

import csv
import io

import pytest
from django.test import Client
from playwright.sync_api import Page

from experiments.analysis import two_way
from experiments.events.rollup import roll_up
from tests import browser, chromium
from tests.experiments.analysis.cuts import traffic
from tests.experiments.world import make_experiment

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]


def test_a_report_with_its_cuts(page: Page, client: Client) -> None:
    experiment = make_experiment(videos=12)
    traffic.store(experiment)
    roll_up()
    two_way.compute(experiment.pk)
    page.goto("/dashboards/pilot/")
    page.wait_for_selector("[data-figure=figure-cut-device] .main-svg")
    assert page.get_by_text("gevaden: its lift differs between slices").is_visible()
    page.get_by_label("Show only").select_option("device:phone")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "only=device%3Aphone" in page.url
    panel = page.locator("#only")
    assert panel.get_by_text("The figures of this panel alone are filtered").is_visible()
    browser.look_at(page, "report-filtered")
    lift = panel.locator("tbody tr").nth(2).locator("td").nth(3).inner_text()
    found = client.get("/api/v1/reports/pilot").json()["cuts"]["cuts"]
    phone = next(p for cut in found for p in cut["slices"] if p["name"] == "phone")["arms"][2]
    assert lift.startswith(f"{100 * phone['lift']['value']:+.1f}")
    file = client.get("/dashboards/pilot/charts/cut-device.csv").content.decode("utf-8-sig")
    rows = [row for row in csv.DictReader(io.StringIO(file)) if row["Slice"] == "phone"]
    assert float(rows[2]["lift"]) == phone["lift"]["value"]
    page.get_by_label("and also").select_option("position:1-3")
    page.get_by_role("button", name="Show", exact=True).click()
    assert "also=position%3A1-3" in page.url
    assert panel.get_by_text("Only place on the page and device: place 1 to 3, phone.").is_visible()
    browser.look_at(page, "report-filtered-twice")
    if browser.PICTURES:
        page.emulate_media(media="print")
        page.pdf(path=f"{browser.PICTURES}/report.pdf", format="A4", print_background=True)
