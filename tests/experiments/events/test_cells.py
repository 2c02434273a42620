"""Cells by what events name, and the surfaces that keep feeds apart from lists beside videos."""

import pytest
from django.test import Client

from experiments.analysis.layout import Layout
from experiments.errors import TokenError
from experiments.events.cells import cell_of
from experiments.events.keys import context_position
from experiments.events.rollup import roll_up
from experiments.models import Cell, Event
from experiments.serving import allocation_phases, feed
from experiments.surface import Surface
from tests.experiments.beacons import event, send
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def tell(shown: feed.Feed, step: str = "click") -> None:
    receipt = send(*(event(slot.token, step) for slot in shown.slots))
    assert receipt.accepted == len(shown.slots)


def counted(query: str) -> tuple[int, int]:
    rows = Client().get(f"/api/v1/experiments/pilot/counts{query}").json()["results"]
    return sum(row["views"] for row in rows), sum(row["clicks"] for row in rows)


def test_a_surface_has_cells_from_its_first_event_on_and_feeds_from_the_start() -> None:
    experiment = make_experiment()
    cells = allocation_phases.cells(experiment)
    assert cell_of(experiment.pk, 1, 2, Surface.FEED) == cells[2]
    beside = cell_of(experiment.pk, 1, 2, Surface.RELATED)
    assert Cell.objects.count() == 2 * len(cells)
    row = Cell.objects.get(pk=beside)
    assert (row.arm.index, row.surface) == (2, Surface.RELATED)
    assert row.share == pytest.approx(1 / 3)
    assert allocation_phases.cells(experiment) == cells


@pytest.mark.parametrize("surface", Surface)
def test_what_is_unknown_is_refused_and_asked_again(surface: Surface) -> None:
    experiment = make_experiment()
    for phase, arm in ((9, 0), (1, 9)):
        with pytest.raises(TokenError, match="unknown_experiment"):
            cell_of(experiment.pk, phase, arm, surface)


def test_a_list_beside_a_video_has_places_and_counts_of_its_own() -> None:
    experiment = make_experiment(videos=5)
    tell(feed.slots("ann", experiment="pilot"), "viewable")
    beside = feed.related("ann", "pilot-2", count=3)
    assert [slot.position for slot in beside.slots] == [0, 1, 2]
    assert "pilot-2" not in {slot.video.slug for slot in beside.slots}
    tell(beside)
    roll_up()
    assert counted("") == (5, 0)
    assert counted("?surface=related") == (3, 3)
    of_list = Event.objects.filter(cell__in=Layout.of(experiment, Surface.RELATED).cells)
    assert sorted(context_position(event.context) for event in of_list) == [0, 0, 1, 1, 2, 2]


def test_a_viewer_has_one_arm_on_both_surfaces() -> None:
    make_experiment(videos=12)
    arms = {slot.video.slug: slot.arm for slot in feed.slots("ann").slots}
    beside = feed.related("ann", "pilot-3", count=30).slots
    assert len(beside) == 11
    assert {slot.video.slug: slot.arm for slot in beside} == {
        slug: arm for slug, arm in arms.items() if slug != "pilot-3"
    }
