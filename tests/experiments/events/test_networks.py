"""Who came from where is written now and then, once, and forgotten after some days."""

import pytest

from experiments.events import networks
from experiments.events.networks import VisitLog, forget_before
from experiments.models import NetworkVisit

pytestmark = pytest.mark.django_db
HOME, OFFICE, NEIGHBOUR = "93.184.216.34", "2606:2800:220:1::", "10.0.0.7"


def noted() -> set[tuple[int, int]]:
    return set(NetworkVisit.objects.values_list("day", "viewer"))


def test_visits_are_written_together_after_a_while_and_once() -> None:
    now_s = 100.0
    log = VisitLog(lambda: now_s)
    log.note(HOME, [(6000, 1)])
    log.note(HOME, [(6000, 1), (6000, 2)])
    assert noted() == {(6000, 1)}
    now_s += networks.WRITE_AFTER_S
    log.note(OFFICE, [(6000, 2)])
    assert NetworkVisit.objects.count() == 3
    assert NetworkVisit.objects.values("network").distinct().count() == 2
    VisitLog().note(HOME, [(6000, 1)])  # of another process
    assert NetworkVisit.objects.count() == 3


def test_addresses_are_not_stored_and_neighbours_are_no_clients() -> None:
    VisitLog().note(HOME, [(6000, 1)])
    VisitLog().note(NEIGHBOUR, [(6000, 2)])
    (visit,) = NetworkVisit.objects.all()
    assert visit.network > 2**32
    assert visit.viewer == 1


def test_days_that_are_over_are_forgotten() -> None:
    VisitLog().note(HOME, [(day, 1) for day in (5998, 5999, 6000)])
    forget_before(5999)
    assert noted() == {(5999, 1), (6000, 1)}
