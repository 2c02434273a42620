"""The audit log's page."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.audit import Actor, acting, record_act
from experiments.door import Door
from experiments.models import AuditEntry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def entries() -> None:
    with acting(lambda: Actor("ann", Door.API)):
        record_act("experiment", "spring", "pause", before={"state": "running"},
                   after={"state": "paused"}, why="an outage")  # fmt: skip
    record_act("video", "boat", "delete", before={"shares": {"raw": 0.5}}, why="licence")


def shown(client: Client, **given: str) -> str:
    return client.get("/console/audit/", given).content.decode()


def test_an_entry_says_who_did_what_from_what_to_what_and_why(console: Client) -> None:
    page = shown(console)
    for said in ("2 acts", "ann", "API", "state: running → paused", "an outage", "raw 0.5 → –"):
        assert said in page
    assert 'href="/console/experiments/spring/"' in page


@pytest.mark.parametrize(
    ("given", "found"),
    [({"q": "ann outage"}, "spring"), ({"kind": "video"}, "boat"), ({"door": "api"}, "spring")],
)
def test_it_is_searched(console: Client, given: dict[str, str], found: str) -> None:
    page = shown(console, **given)
    assert "1 act," in page
    assert found in page


def test_nothing_found_says_so(console: Client) -> None:
    assert "No act is like that." in shown(console, q="moon")


def test_few_queries_with_many_entries(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(who="x", door="api", kind="video", subject=f"v{n}", act="look")
        for n in range(500)
    )
    with django_assert_max_num_queries(15):
        assert "Page 1 of 11" in shown(console)
