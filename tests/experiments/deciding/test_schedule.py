"""Planned ends: what is set to ship is shipped where its verdict is sure; all else runs on."""

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from experiments.deciding import schedule
from experiments.models import AuditEntry, Decision, Experiment
from experiments.serving import decision
from experiments.tasks import ship_due
from tests.experiments.analysis.report.cast import Counts, counted_study

pytestmark = pytest.mark.django_db
DRAWN = np.random.default_rng(3)
# Views, clicks and watched clicks of each video in either arm.
CLEAR = tuple(
    (
        (20_000, int(DRAWN.binomial(20_000, 0.05)), 600),
        (20_000, int(DRAWN.binomial(20_000, 0.07)), 800 + n),
    )
    for n in range(40)
)
UNCLEAR = (((900, 50, 20), (900, 51, 21)), ((900, 40, 20), (900, 38, 19)))


def due(slug: str, counts: Counts = CLEAR, *, at_end: str = "ship", hours: int = 1) -> Experiment:
    experiment = counted_study(counts, slug=slug, ended=False, at_end=at_end)
    experiment.planned_end = timezone.now() - timedelta(hours=hours)
    experiment.save()
    return experiment


def test_a_winner_is_shipped_at_its_planned_end() -> None:
    experiment = due("spring")
    ship_due()
    experiment.refresh_from_db()
    assert experiment.state == "ended"
    made = decision.standing(experiment)
    assert made is not None
    assert made.shipped == "re_seq2seq"
    doors = AuditEntry.objects.filter(subject="spring").values_list("act", "who", "door")
    assert list(doors) == [
        ("decide", "planned end", "schedule"),
        ("end", "planned end", "schedule"),
    ]
    schedule.ship_due()
    assert Decision.objects.count() == 1


@pytest.mark.parametrize(
    "experiment",
    [{"at_end": "notice"}, {"counts": UNCLEAR}, {"hours": -1}],
    ids=["set to a notice", "not sure", "not yet due"],
)
def test_else_it_runs_on(experiment: dict[str, object]) -> None:
    made = due("spring", **experiment)  # type: ignore[arg-type]
    schedule.ship_due()
    made.refresh_from_db()
    assert made.state == "running"


def test_one_that_cannot_be_read_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = due("broken"), due("whole")
    broken.phases.update(allocation=[])
    broken.arms.all().delete()
    schedule.ship_due()
    whole.refresh_from_db()
    assert whole.state == "ended"
    assert "broken could not be shipped" in caplog.text
