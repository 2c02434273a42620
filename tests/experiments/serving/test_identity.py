"""One person keeps one arm through a login, and on every device that logs in."""

import json
from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.analysis.report.build import build
from experiments.models import ViewerAlias
from experiments.serving import feed, identity
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
Arms = dict[str, int | None]


@pytest.fixture(autouse=True)
def _a_new_process() -> Iterator[None]:
    yield
    forget()


def forget() -> None:
    identity._known.clear()
    identity._note_crossover.cache_clear()


def shown(viewer: str, user: str = "") -> Arms:
    return {slot.video.slug: slot.arm for slot in feed.slots(viewer, user=user).slots}


def test_who_logs_in_keeps_every_arm() -> None:
    make_experiment(videos=20)
    before = shown("phone")
    assert before != shown("laptop")
    assert shown("phone", "ann") == before
    assert shown("", "ann") == before  # a device whose storage is blocked
    assert shown("phone") == before  # and after logging out
    assert not ViewerAlias.objects.filter(is_crossover=True).exists()


def test_on_another_device_the_persons_arms_hold_from_the_login_on() -> None:
    experiment = make_experiment(videos=20)
    before = shown("phone", "ann")
    other = shown("laptop")
    assert other != before
    for _ in range(3):
        assert shown("laptop", "ann") == before
    assert shown("laptop") == other
    report = build(experiment)
    assert report.not_counted.crossed_at_login == 1
    assert build(make_experiment("later")).not_counted.crossed_at_login == 0


def test_a_person_without_a_device_is_a_viewer_of_their_own() -> None:
    make_experiment(videos=20)
    alone = shown("", "bea")
    assert shown("tablet", "bea") == alone
    assert shown("bea") != alone  # a device's text is no person's id


def test_another_process_says_the_same() -> None:
    make_experiment(videos=20)
    before = shown("phone", "ann")
    forget()
    assert shown("laptop", "ann") == before
    forget()
    assert shown("laptop", "ann") == before
    assert ViewerAlias.objects.count() == 2


def test_a_person_who_is_known_costs_no_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_experiment()
    shown("phone", "ann")
    shown("laptop", "ann")
    with django_assert_num_queries(0):
        shown("phone", "ann")
        shown("laptop", "ann")
        shown("phone")


def test_who_asks_not_to_be_tracked_leaves_no_trace() -> None:
    make_experiment()
    feed.slots("phone", user="ann", tracked=False)
    assert not ViewerAlias.objects.exists()


def test_every_door_takes_a_user() -> None:
    make_experiment(videos=20)
    before = shown("phone")
    page = Client().get("/api/feed?viewer=phone&user=ann&count=30").json()["slots"]
    body = json.dumps({"user": "ann", "videos": list(before)})
    arms = Client().post("/embed/arms", body, "text/plain").json()["slots"]
    for slots in (page, arms):
        assert {slot["video"]["slug"]: slot["arm"] for slot in slots} == before
    assert Client().get(f"/api/feed?user={'x' * 201}").status_code == 400
    assert Client().get("/api/feed").status_code == 400
