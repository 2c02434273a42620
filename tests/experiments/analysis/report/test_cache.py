"""A report is built once for each state of what it shows, and never outlives it."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.analysis.report.build import build
from experiments.analysis.report.cache import EXPERIMENTS, VersionedCache, current
from experiments.analysis.report.document import as_document
from experiments.events.rollup import roll_up
from experiments.models import Arm, Experiment, Video
from experiments.serving import allocation_phases
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.beacons import visit

pytestmark = pytest.mark.django_db


def test_it_is_what_would_be_built_and_is_not_built_again(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    experiment = counted_study()
    first, built = current(experiment), build(experiment)
    moment = {"made_at": None}  # all but when it was made; nan is null in documents
    assert as_document(first) | moment == as_document(built) | moment
    with django_assert_num_queries(2):  # its version, and whether anything awaits the rollup
        again = current(experiment)
    assert again.arms is first.arms
    assert again.made_at > first.made_at


def rename_a_video(_: Experiment) -> None:
    Video.objects.filter(slug="pilot-0").update(title="Another title")


def show(_: Experiment) -> None:
    visit("a viewer")


def show_and_count(experiment: Experiment) -> None:
    show(experiment)
    roll_up()


CHANGES: list[Callable[[Experiment], object]] = [
    show_and_count,
    rename_a_video,
    lambda e: Experiment.objects.filter(pk=e.pk).update(min_views=10**6),
    lambda e: Arm.objects.filter(experiment=e, index=1).update(name="renamed"),
    lambda e: allocation_phases.change(e, weights={0: 1, 1: 2, 2: 3}),
    lambda e: e.videos.remove(e.videos.all()[0]),
]


@pytest.mark.parametrize("change", CHANGES)
def test_any_change_of_what_it_shows_makes_it_anew(change: Callable[[Experiment], object]) -> None:
    experiment = counted_study(ended=False)
    before = current(experiment)
    assert current(experiment).arms is before.arms
    change(experiment)
    experiment.refresh_from_db()
    after = current(experiment)
    assert after.arms is not before.arms
    built = build(experiment)
    assert (repr(after.arms), after.titles) == (repr(built.arms), built.titles)


def test_events_that_await_the_rollup_are_told_though_nothing_is_built() -> None:
    experiment = counted_study(ended=False)
    before = current(experiment)
    show(experiment)
    after = current(experiment)
    assert (before.uncounted, after.uncounted) == (False, True)
    assert after.arms is before.arms


def test_the_pages_show_what_changed(client: Client) -> None:
    experiment = counted_study()
    for _ in range(2):
        assert "Quite another" not in client.get("/dashboards/").content.decode()
    Arm.objects.filter(experiment=experiment, index=1).update(name="Quite another")
    assert "Quite another" in client.get(f"/dashboards/{experiment.slug}/").content.decode()
    assert "Quite another" in client.get(f"/api/v1/reports/{experiment.slug}").content.decode()


def test_no_more_is_kept_than_stated() -> None:
    made: list[int] = []
    kept = VersionedCache(lambda experiment: made.append(experiment.pk))
    experiments = [Experiment(pk=number) for number in range(1, EXPERIMENTS + 2)]
    for experiment in [*experiments, experiments[-1], experiments[0]]:
        kept.of(experiment)
    assert made == [*range(1, EXPERIMENTS + 2), 1]
