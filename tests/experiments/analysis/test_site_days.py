"""Days as the site's clocks tell them."""

from datetime import UTC, date, datetime

import pytest
from django.test import override_settings

from experiments.analysis.kept_counts import daily_counts, site_daily_counts
from experiments.analysis.layout import Layout
from experiments.analysis.report.build import build
from experiments.analysis.report.document import as_document
from experiments.analysis.site_days import SiteDays
from experiments.models import HourCount
from tests.experiments.world import make_experiment

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
