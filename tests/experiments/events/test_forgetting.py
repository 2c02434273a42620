"""A viewer who is forgotten leaves counts and reports as they were."""

import io

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db.models import Q

from experiments.events.clock import now_ms
from experiments.events.count_check import check, counted_days
from experiments.events.keys import DAY_MS, Flag
from experiments.events.rollup import roll_up
from experiments.events.tokens import person_number, viewer_number
from experiments.models import DayCount, Event, NetworkVisit, ViewerAlias, ViewerFlag
from experiments.serving.identity import number_of
from tests.experiments.beacons import visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def events_of(viewer: str) -> int:
    return Event.objects.filter(viewer=viewer_number(viewer, settings.VIEWER_KEY)).count()


def forget(viewer: str) -> str:
    output = io.StringIO()
    call_command("forget_viewer", viewer, stdout=output)
    return output.getvalue()


def test_nothing_leads_to_the_viewer_and_everything_is_counted() -> None:
    make_experiment(videos=5)
    for viewer in ("ann", "bea"):
        visit(viewer, clicks=lambda _: True)
        number = viewer_number(viewer, settings.VIEWER_KEY)
        NetworkVisit.objects.create(day=1, network=2, viewer=number)
        ViewerFlag.objects.create(viewer=number, day=now_ms() // DAY_MS, flags=Flag.BOT_RATE)
    roll_up()
    before = list(DayCount.objects.order_by("pk").values())
    assert forget("ann").startswith("10 events and 1 notes of networks no longer lead")
    assert (events_of("ann"), events_of("bea")) == (0, 10)
    assert NetworkVisit.objects.count() == 1
    assert Event.objects.values("viewer").distinct().count() == 2  # still one viewer, of no name
    roll_up()
    assert list(DayCount.objects.order_by("pk").values()) == before
    assert check(counted_days()) == []
    assert forget("ann").startswith("0 events")


def test_a_person_who_logs_in_is_forgotten_on_every_device() -> None:
    make_experiment(videos=5)
    visit("telephone")
    visit("desk")
    assert number_of("telephone", "ann@site") == number_of("telephone")
    assert number_of("desk", "ann@site") == number_of("telephone")  # a crossover
    assert forget("ann@site").startswith("10 events")
    assert (events_of("telephone"), events_of("desk")) == (0, 0)
    assert Event.objects.values("viewer").distinct().count() == 2  # who had an arm each
    numbers = {
        number_of("telephone"),
        number_of("desk"),
        person_number("ann@site", settings.VIEWER_KEY),
    }
    assert not ViewerAlias.objects.filter(Q(viewer__in=numbers) | Q(same_as__in=numbers)).exists()
    assert sorted(ViewerAlias.objects.values_list("is_crossover", flat=True)) == [False, True]
