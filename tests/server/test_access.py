"""The analysts' pages of a closed site."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from tests.experiments.analysis.report.cast import counted_study

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "page", ["/dashboards/", "/dashboards/pilot/", "/dashboards/pilot/thumbnails/"]
)
def test_a_closed_site_asks_who_wants_to_know(
    client: Client, settings: Settings, page: str
) -> None:
    counted_study()
    assert client.get(page).status_code == 200
    settings.PUBLIC_REPORTS = False
    answer = client.get(page)
    assert (answer.status_code, answer.headers["Location"]) == (
        302, f"/console/login/?next={page}",
    )  # fmt: skip
    client.force_login(User.objects.create_user("bea", is_staff=True))
    assert client.get(page).status_code == 200


def test_viewers_need_no_login(client: Client, settings: Settings) -> None:
    counted_study(ended=False)
    settings.PUBLIC_REPORTS = False
    assert client.get("/feed/pilot/").status_code == 200
    assert client.get("/api/feed?viewer=ann").status_code == 200
