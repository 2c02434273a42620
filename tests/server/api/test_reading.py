"""The reading API: what it shows, to whom, and that it writes nothing."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from experiments.measures import MEASURES
from experiments.models import DayCount, HourCount, Rejection
from experiments.serving.allocation_phases import cells, change
from server.roles import Role
from tests.experiments.analysis.report.cast import WATCHED_VIDEOS, counted_study
from tests.server.people import person

pytestmark = pytest.mark.django_db
ADDRESSES = (
    "/api/v1/experiments", "/api/v1/experiments/pilot", "/api/v1/experiments/pilot/counts",
    "/api/v1/videos", "/api/v1/videos/pilot-0", "/api/v1/rejections", "/api/v1/reports/pilot",
)  # fmt: skip


def test_an_experiment_shows_its_arms_and_phases_but_never_its_salt(client: Client) -> None:
    experiment = counted_study(ended=False, simulated="drawn by a model")
    change(experiment, ramp=0.5)
    shown = client.get("/api/v1/experiments/pilot").json()
    assert [arm["selector"] for arm in shown["arms"]] == ["raw", "re_seq2seq", "gevaden"]
    assert [phase["ramp"] for phase in shown["phases"]] == [1.0, 0.5]
    assert shown["simulated"] == "drawn by a model"
    assert experiment.salt not in client.get("/api/v1/experiments").content.decode()


def test_a_video_shows_its_thumbnails(client: Client) -> None:
    counted_study()
    shown = client.get("/api/v1/videos/pilot-0").json()
    assert [each["selector"] for each in shown["thumbnails"]] == ["gevaden", "raw", "re_seq2seq"]
    assert client.get("/api/v1/videos?page_size=2").json()["count"] == 4
    assert len(client.get("/api/v1/videos?page_size=2").json()["results"]) == 2


@pytest.mark.parametrize("by", ["day", "video"])
def test_counts_are_those_of_the_study(client: Client, by: str) -> None:
    counted_study(WATCHED_VIDEOS)
    rows = client.get(f"/api/v1/experiments/pilot/counts?by={by}").json()["results"]
    for arm in range(3):
        of_arm = [row for row in rows if row["arm"] == arm]
        for place, name in enumerate(("views", "clicks", "watched_clicks")):
            assert sum(row[name] for row in of_arm) == sum(v[arm][place] for v in WATCHED_VIDEOS)
    assert len(rows) == (3 if by == "day" else 12)
    assert set(rows[0]) == {by, "arm", *(measure.name for measure in MEASURES)}


@pytest.mark.parametrize("by", ["day", "video", "hour"])
def test_what_was_not_counted_is_null(client: Client, by: str) -> None:
    experiment = counted_study(WATCHED_VIDEOS)
    HourCount.objects.create(
        hour=datetime(2026, 10, 1, 5, tzinfo=UTC), cell=cells(experiment)[0], band=0, device=1,
        flags=0, **dict.fromkeys((measure.name for measure in MEASURES), 3),
    )  # fmt: skip
    for table in (DayCount, HourCount):
        table.objects.update(watched_clicks=None)
    rows = client.get(f"/api/v1/experiments/pilot/counts?by={by}").json()["results"]
    assert rows
    for row in rows:
        assert row["watched_clicks"] is None
        assert row["views"] > 0


def test_counts_by_hour_of_a_study_without_hours_are_none(client: Client) -> None:
    counted_study()
    assert client.get("/api/v1/experiments/pilot/counts?by=hour").json()["count"] == 0


@pytest.mark.parametrize(("query", "name"), [("by=week", "by"), ("bots=yes", "bots")])
def test_a_parameter_that_cannot_be_meant_is_refused(client: Client, query: str, name: str) -> None:
    counted_study()
    answer = client.get(f"/api/v1/experiments/pilot/counts?{query}")
    assert answer.status_code == 400
    assert "must be" in str(answer.json()[name])


def test_refused_events_are_counted_by_reason(client: Client) -> None:
    Rejection.objects.create(reason="forged", events=3)
    Rejection.objects.create(reason="forged", events=4)
    assert client.get("/api/v1/rejections").json() == {"forged": 7}


CHANGED = {"/api/v1/videos/pilot-0", "/api/v1/experiments/pilot"}  # by tests of their own


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_written(admin_client: Client, address: str) -> None:
    counted_study()
    drafts = address == "/api/v1/experiments"  # by POST: tests of the life cycle
    assert admin_client.post(address).status_code == (415 if drafts else 405)
    assert admin_client.put(address).status_code == 405
    if address not in CHANGED:
        assert admin_client.patch(address).status_code == 405
        assert admin_client.delete(address).status_code == 405


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_closed_site_shows_results_to_its_staff_alone(
    client: Client, settings: Settings, address: str
) -> None:
    counted_study()
    settings.PUBLIC_REPORTS = False
    assert client.get(address).status_code == 401
    client.force_login(User.objects.create_user("ann"))
    assert client.get(address).status_code == 403
    client.force_login(person(Role.ANALYST))
    assert client.get(address).status_code == 200
