"""The page of an experiment that has started, and the acts on it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from experiments.choice import Choice
from experiments.models import AuditEntry, DayCount, Experiment
from experiments.serving import allocation_phases, drafts, lifecycle
from experiments.serving.decision import Shipment, ship, standing
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
ADDRESS = "/console/experiments/spring/"


@pytest.fixture
def running() -> Experiment:
    planned_end = timezone.now() + timedelta(days=28)
    return make_experiment("spring", videos=2, planned_end=planned_end)


def page(client: Client) -> str:
    return client.get(ADDRESS).content.decode()


def act(client: Client, name: str, **given: object) -> str:
    """Do an act from a page that was opened only now."""
    seen = client.get(ADDRESS).context["seen"]
    return send(client, name, seen, **given)


def send(client: Client, name: str, seen: object, **given: object) -> str:
    fields = {f"{name}-{field.replace('_', '-')}": value for field, value in given.items()}
    body = {"act": name, "seen": seen, f"{name}-why": "because", **fields}
    return client.post(ADDRESS, body, follow=True).content.decode()


def test_every_act_does_what_it_says(console: Client, running: Experiment) -> None:
    assert "50 % of the viewers" not in page(console)
    act(console, "ramp", ramp="0.5")
    assert "50 % of the viewers" in page(console).replace("\u00a0", " ")
    act(console, "shares", share_0=20, share_1=30, share_2=50)
    act(console, "drop", arm="re_seq2seq")
    act(console, "extend", days=7)
    act(console, "pause")
    running.refresh_from_db()
    assert (running.state, running.planned_days) == ("paused", 35)
    act(console, "resume")
    weights = dict(running.arms.values_list("name", "weight"))
    assert weights == {"raw": 20, "re_seq2seq": 0, "gevaden": 50}
    acts = AuditEntry.objects.order_by("pk").values_list("act", "why")
    assert list(acts) == [
        (name, "because") for name in ("change", "change", "drop arm", "extend", "pause", "resume")
    ]


def test_an_act_without_a_reason_is_not_done(console: Client, running: Experiment) -> None:
    assert "This field is required." in act(console, "pause", why="")
    running.refresh_from_db()
    assert running.state == "running"


def test_shares_that_do_not_add_up_are_refused(console: Client, running: Experiment) -> None:
    said = act(console, "shares", share_0=20, share_1=30, share_2=40)
    assert "The shares add up to 90 %, must be 100 %." in said
    assert running.phases.count() == 1


def test_what_would_spoil_the_test_is_refused(console: Client, running: Experiment) -> None:
    lifecycle.end(running)
    ended = act(console, "pause")
    assert "spring is ended, must be running to be paused" in ended
    fixed = make_experiment("fixed", videos=1, stopping_rule="fixed_horizon")
    body = {"act": "extend", "extend-days": 7, "extend-why": "x", "seen": ""}
    said = console.post("/console/experiments/fixed/", body).content.decode()
    assert "at an end that was fixed at the start" in said
    assert fixed.planned_days == 28


def test_the_second_of_two_operators_is_told_what_changed(
    console: Client, client: Client, running: Experiment
) -> None:
    client.force_login(User.objects.create_superuser("bea"))
    seen = client.get(ADDRESS).context["seen"]
    act(console, "ramp", ramp="0.25")
    said = send(client, "pause", seen, why="an outage")
    assert "admin did “change” at" in said
    assert 'value="an outage"' in said
    running.refresh_from_db()
    assert running.state == "running"
    assert "Done: pause." in act(client, "pause")


def test_a_draft_is_shown_at_its_first_step_and_a_rollout_with_its_test(
    console: Client, running: Experiment
) -> None:
    drafts.open_draft("Autumn", "")
    to = console.get("/console/experiments/autumn/")["Location"]
    assert to == "/console/experiments/autumn/edit/question/"
    lifecycle.end(running)
    ship(running, Shipment(Choice.ARM, "gevaden", holdback=0.0))
    assert console.get("/console/experiments/spring-shipped/")["Location"] == ADDRESS
    assert "gevaden is shipped, for everybody." in page(console)
    act(console, "take_back")
    assert standing(running) is None


def test_an_arm_is_previewed_by_link_and_never_counted(
    console: Client, client: Client, running: Experiment
) -> None:
    assert 'href="/feed/spring/?arm=2"' in page(console)
    shown = console.get("/feed/spring/?arm=2").content.decode()
    assert "preview as everybody in “gevaden”" in shown
    assert "data-token" not in shown
    assert "spring-0-raw" not in shown
    assert "This is a preview" not in Client().get("/feed/spring/?arm=2").content.decode()


@pytest.mark.parametrize("state", ["running", "paused", "ended", "decided"])
def test_few_queries_in_every_state_also_where_no_report_is_kept(
    console: Client, state: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    study = counted_study(slug="spring", ended=False)
    if state == "paused":
        lifecycle.pause(study)
    elif state != "running":
        lifecycle.end(study)
    if state == "decided":
        ship(study, Shipment(Choice.ARM, "gevaden", holdback=0.1))
    console.get("/console/audit/")  # the session is noted as seen
    with django_assert_max_num_queries(15):
        page(console)


def test_the_traffic_of_today_stands_beside_that_of_all_days(
    console: Client, running: Experiment
) -> None:
    cell, today = allocation_phases.cells(running)[2], timezone.now().date()
    for ago, views in ((0, 1234), (1, 4000)):
        DayCount.objects.create(
            day=today - timedelta(days=ago), cell=cell, video=running.videos.all()[0].pk, flags=0,
            views=views, clicks=77,
        )  # fmt: skip
    shown = page(console)
    cells = (("Views today", "1,234"), ("Views", "5,234"), ("Clicks", "154"))
    assert "".join(f'<td data-name="{name}">{said}</td>' for name, said in cells) in shown
