"""A new experiment's plan, beside what it can see."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.design import ArmDesign
from experiments.models import Experiment, Video
from experiments.serving import drafts
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
ADDRESS = "/console/experiments/spring/edit/length/"


@pytest.fixture
def draft() -> Experiment:
    for number in range(3):
        make_video(f"v{number}")
    made = drafts.open_draft("Spring", "")
    drafts.set_videos(made, Video.objects.all())
    drafts.set_arms(made, (ArmDesign("Still", "raw"), ArmDesign("GIF", "gevaden")))
    return made


def typed(client: Client, **other: object) -> dict[str, Any]:
    """Return the form as the page gives it, with other values typed."""
    form = client.get(ADDRESS).context["form"]
    given = {name: form[name].value() for name in form.fields}
    return {name: v for name, v in (given | other).items() if v is not None and v is not False} | {
        "go": "x"
    }


def test_the_plan_is_stored_in_shares(console: Client, draft: Experiment) -> None:
    other = {"planned_days": 14, "margin": 3, "holdback": 5, "level": 90, "at_end": "ship",
             "guard-watched_ctr": False, "expected_views": "2100",
             "stopping_rule": "fixed_horizon"}  # fmt: skip
    answer = console.post(ADDRESS, typed(console, **other))
    assert answer.status_code == 302, answer.content.decode()
    draft.refresh_from_db()
    assert (draft.planned_days, draft.margin, draft.holdback) == (14, 0.03, 0.05)
    assert (draft.level, draft.at_end, draft.stopping_rule) == (0.9, "ship", "fixed_horizon")
    assert draft.expected_views == 2100
    assert "watched_ctr" not in draft.guardrails
    assert 'name="expected_views" value="2100"' in console.get(ADDRESS).content.decode()


def test_guardrails_are_on_unless_taken_off(console: Client, draft: Experiment) -> None:
    console.post(ADDRESS, typed(console))
    draft.refresh_from_db()
    assert draft.guardrails["watched_ctr"] == 0.05


def test_sentences_stand_beside_their_fields_and_open_what_is_folded(
    console: Client, draft: Experiment
) -> None:
    page = console.post(ADDRESS, typed(console, holdback=100, margin=80)).content.decode()
    assert "holdback == 1.0, must be from 0 to less than 1" in page
    assert "margin == 0.8, must be from 0.001 to 0.5" in page
    assert "<details open>" in page


def test_the_table_follows_what_is_typed(console: Client, draft: Experiment) -> None:
    address = "/console/experiments/spring/forecast/"
    assert "Say how many views a day" in console.get(address).content.decode()
    typed_now = {"expected_views": "2100", "planned_days": "10", "stopping_rule": "always_valid"}
    page = console.get(address, typed_now).content.decode()
    for days in (7, 10, 14, 28):
        assert f"{days} days</th>" in page
    assert "a lift of 10" in page
    assert "<html" not in page
    for odd in ("nan", "-1", "x", "inf"):
        assert console.get(address, {"expected_views": odd}).status_code == 200


def test_few_queries(
    console: Client, draft: Experiment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    console.get("/console/audit/")  # a session is noted as seen at its first page
    with django_assert_max_num_queries(15):
        console.get(ADDRESS)
