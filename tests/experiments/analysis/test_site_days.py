"""Days as the site's clocks tell them."""

import re
from datetime import UTC, date, datetime

import pytest
from django.test import Client, override_settings

from experiments.analysis import two_way
from experiments.analysis.kept_counts import daily_counts, site_daily_counts
from experiments.analysis.layout import Layout
from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.report.text import as_text
from experiments.analysis.site_days import SiteDays, site_date, site_minute
from experiments.events.rollup import roll_up
from experiments.models import HourCount
from experiments.serving import allocation_phases
from tests.experiments.analysis.cuts import traffic
from tests.experiments.world import make_experiment
from tests.reading import in_one_line

PAGES = (
    "/dashboards/pilot/",
    "/dashboards/pilot/export.html",
    "/dashboards/",
    "/dashboards/decisions/",
)

SUMMER, WINTER = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)


def add_hours(layout: Layout, times: dict[datetime, int]) -> None:
    """Store so many views of the control in each hour."""
    cell = next(cell for cell, (_, arm) in layout.cells.items() if arm == 0)
    HourCount.objects.bulk_create(
        HourCount(hour=hour, cell=cell, band=0, device=0, flags=0, views=views, clicks=1)
        for hour, views in times.items()
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Europe/Berlin", {date(2026, 7, 1): 1, date(2026, 7, 2): 6}),
        ("Asia/Kolkata", {date(2026, 7, 1): 3, date(2026, 7, 2): 4}),
        ("America/New_York", {date(2026, 7, 1): 7}),
    ],
)
def test_days_are_those_of_the_sites_clocks(zone: str, expected: dict[date, int]) -> None:
    """Kolkata's hour from 23:30 to 00:30 counts with the day in which it begins."""
    layout = Layout.of(make_experiment())
    at = {18: 1, 17: 2, 22: 4} if zone == "Asia/Kolkata" else {21: 1, 22: 2, 23: 4}
    add_hours(layout, {datetime(2026, 7, 1, hour, tzinfo=UTC): views for hour, views in at.items()})
    with override_settings(SITE_TIME_ZONE=zone):
        found = site_daily_counts(layout)
    assert {row.start: row.views for row in found} == expected


@pytest.mark.django_db
def test_a_report_says_whose_days_it_has() -> None:
    experiment = make_experiment()
    add_hours(Layout.of(experiment), {datetime(2026, 7, 1, 23, tzinfo=UTC): 10})
    with override_settings(SITE_TIME_ZONE="Europe/Berlin"):
        found = as_document(build(experiment))
    assert found["days_of"] == {"time_zone": "Europe/Berlin", "begins": "00:00"}
    assert [(row["day"], row["views"]) for row in found["days"]] == [("2026-07-02", 10)]
    assert daily_counts(Layout.of(experiment)) == []


@pytest.mark.parametrize(
    ("zone", "moment", "begins", "said"),
    [
        ("UTC", SUMMER, "00:00", "UTC"),
        ("Europe/Berlin", WINTER, "00:00", "Europe/Berlin"),
        ("Asia/Kolkata", SUMMER, "00:30", "Asia/Kolkata, 00:30 to 00:30"),
        ("Asia/Kathmandu", SUMMER, "00:45", "Asia/Kathmandu, 00:45 to 00:45"),
        ("America/St_Johns", WINTER, "00:30", "America/St_Johns, 00:30 to 00:30"),
    ],
)
def test_a_day_of_half_hour_clocks_says_when_it_begins(
    zone: str, moment: datetime, begins: str, said: str
) -> None:
    with override_settings(SITE_TIME_ZONE=zone):
        found = SiteDays.at(moment)
    assert (found.begins, found.said) == (begins, said)


@pytest.mark.django_db(transaction=True)
def test_every_moment_on_an_analysts_pages_is_of_the_sites_clocks(client: Client) -> None:
    experiment = make_experiment(videos=12)
    traffic.store(experiment)
    allocation_phases.change(experiment, weights={0: 1, 1: 3, 2: 1})
    roll_up()
    two_way.compute(experiment.pk)
    with override_settings(SITE_TIME_ZONE="Asia/Tokyo"):
        pages = {at: in_one_line(client.get(at).content.decode()) for at in PAGES}
        pages["text"] = " ".join(as_text(build(experiment)).split())
    for at, page in pages.items():
        moments = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d(?: (\S+?)[ .,;:<)])?", page)
        assert set(moments) <= {"Asia/Tokyo"}, at
    with override_settings(SITE_TIME_ZONE="Asia/Tokyo"):
        assert len(re.findall("Asia/Tokyo", pages["/dashboards/pilot/"])) >= 5
        assert site_minute(WINTER) == "2026-12-01 09:00 Asia/Tokyo"
        assert site_date(datetime(2026, 12, 1, 20, tzinfo=UTC)) == "2026-12-02"
