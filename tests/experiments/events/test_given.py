"""What the feed gives out is added up, and written once."""

from collections import Counter
from typing import Any

import pytest
from django.db import OperationalError, connection

from experiments.events.given import GivenTally
from experiments.models import GivenCount
from experiments.serving import allocation_phases, feed
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


def written() -> dict[int, int]:
    return dict(GivenCount.objects.values_list("cell", "impressions"))


def test_each_cell_is_added_to_what_was_written_before() -> None:
    experiment = make_experiment()
    cells = allocation_phases.cells(experiment)
    tally = GivenTally()
    for _ in range(2):
        tally.add([(experiment.pk, 1, 0), (experiment.pk, 1, 2), (experiment.pk, 1, 0)])
        tally.write()
    tally.write()
    assert written() == {cells[0]: 4, cells[2]: 2}


def test_what_could_not_be_written_is_kept() -> None:
    experiment = make_experiment()
    tally = GivenTally()
    tally.add([(experiment.pk, 1, 0)])

    def refuse(*_: object) -> Any:
        raise OperationalError("the connection is closed")

    with connection.execute_wrapper(refuse), pytest.raises(OperationalError):
        tally.write()
    tally.add([(experiment.pk, 1, 0)])
    tally.write()
    assert list(written().values()) == [2]


def test_a_cell_that_is_gone_is_passed_over() -> None:
    experiment = make_experiment()
    tally = GivenTally()
    tally.add([(experiment.pk, 1, 0), (experiment.pk, 9, 0)])
    tally.write()
    assert list(written().values()) == [1]


def test_the_feed_writes_what_it_gave_when_it_renews_its_snapshot() -> None:
    experiment = make_experiment(videos=30)
    arms = Counter(slot.arm for name in ("ann", "bea") for slot in feed.slots(name).slots)
    feed.slots("cyd", tracked=False)
    feed.slots("dan", arm=1)
    assert not written()
    feed.refresh()
    cells = allocation_phases.cells(experiment)
    assert written() == {cells[arm]: number for arm, number in arms.items() if arm is not None}
