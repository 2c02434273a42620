"""A script that is a new viewer each time, and clicks the arm that it wants to win."""

import json
from itertools import count

import pytest
from django.db.models import Sum
from django.test import Client

from experiments.events.bots import flag_last_days
from experiments.events.networks import VisitLog
from experiments.events.rollup import roll_up
from experiments.models import DayCount
from server.api import events
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db
FAVOURITE = 1
SCRIPT, HOMES = "93.184.216.34", "151.101.{}.1"


@pytest.fixture(autouse=True)
def _visits_are_written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seconds = count(step=10)
    monkeypatch.setattr(events, "visit_log", VisitLog(lambda: float(next(seconds))))


def visit(viewer: str, address: str, *, sees: bool, clicks: int | None, at_most: int = 30) -> None:
    """Fetch the feed, tell what was seen of it, and click on so many slots of one arm."""
    client = Client(REMOTE_ADDR=address, headers={"user-agent": BROWSER})
    slots = client.get(f"/api/feed?viewer={viewer}&count=30").json()["slots"]
    told = [{"token": slot["token"], "step": "viewable"} for slot in slots if sees]
    clicked = [slot for slot in slots if slot["arm"] == clicks][:at_most]
    told += [{"token": slot["token"], "step": "click"} for slot in clicked]
    client.post("/api/events", json.dumps({"events": told}), content_type="text/plain")


def net() -> dict[str, int]:
    flag_last_days(1)
    roll_up()
    rows = DayCount.objects.filter(flags=0)
    return dict(rows.aggregate(views=Sum("views"), clicks=Sum("clicks")))


@pytest.mark.parametrize("sees", [False, True])
def test_its_clicks_are_out_of_the_net_figures_and_honest_ones_are_not(*, sees: bool) -> None:
    make_experiment(videos=30)
    for number in range(8):
        visit(f"home-{number}", HOMES.format(number), sees=True, clicks=None)
    visit("reader", HOMES.format(9), sees=True, clicks=FAVOURITE, at_most=10)  # keen
    honest = net()
    assert honest["views"] == 9 * 30
    assert 0 < honest["clicks"] <= 10
    for number in range(20):
        visit(f"new-{number}", SCRIPT, sees=sees, clicks=FAVOURITE)
    assert net() == honest
