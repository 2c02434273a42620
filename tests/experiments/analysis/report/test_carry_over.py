"""Carry-over on a report: a light with a test, a sentence an arm, and the same in its JSON."""

import numpy as np
import pytest
from django.test import Client

from experiments.analysis.kept_means import as_kept
from experiments.analysis.report.build import build
from experiments.analysis.report.carry_over import said
from experiments.analysis.report.document import as_document
from experiments.analysis.report.lights import State, lights
from experiments.analysis.report.record import Report
from experiments.analysis.report.text import as_text
from experiments.analysis.stats.audit_carry_over import Moved
from experiments.analysis.stats.carry_over import carry_over
from experiments.analysis.stats.compare import compare
from experiments.models import Experiment, TwoWayError
from experiments.unit import Unit
from tests.experiments.analysis.report.cast import AT_THE_END, LOPSIDED, counted_study
from tests.reading import in_one_line

pytestmark = pytest.mark.django_db


def report(carried: float, experiment: Experiment | None = None) -> Report:
    """Return a report whose units were moved, with so much of what they saw in their clicks."""
    experiment = experiment or counted_study(LOPSIDED)
    rng = np.random.default_rng(3)
    drawn = carry_over(Moved(Unit.VIEWER_VIDEO, carried)._drawn(rng))
    TwoWayError.objects.update_or_create(
        experiment=experiment,
        defaults={
            "watermark": 0, "took_s": 1, "sums": 9, "comparisons": [], "units": 1000,
            "crossed": 300, "carry_over": as_kept(drawn),
        },
    )  # fmt: skip
    return build(experiment)


def light(found: Report) -> tuple[State, str]:
    (line,) = (light for light in lights(found) if light.name == "carry-over")
    return line.state, line.says


def test_what_carries_over_is_a_light_with_its_arms_and_sizes() -> None:
    found = report(-1.5)
    (line,) = found.carry_over
    assert line.arm == "re_seq2seq"
    assert line.is_clear
    assert line.change.high < -0.5
    assert line.ctr_moved < line.ctr / 2
    state, says = light(found)
    assert (state, "re_seq2seq" in says) == (State.NOTE, True)
    assert "What they saw before is in their clicks" in said(line)


def test_where_nothing_carries_over_the_light_says_so_with_its_p() -> None:
    found = report(0.0)
    (line,) = found.carry_over
    assert not line.is_clear
    state, says = light(found)
    assert (state, says.startswith("none is seen (smallest p")) == (State.GOOD, True)
    assert "No carry-over is seen" in said(line)


def test_the_p_is_read_as_the_plan_of_the_report_says() -> None:
    experiment = counted_study(LOPSIDED)
    (ended,) = report(-0.4, experiment).carry_over
    drawn = carry_over(Moved(Unit.VIEWER_VIDEO, -0.4)._drawn(np.random.default_rng(3)))
    assert ended.p_value == pytest.approx(compare(drawn[0].means)[0].p_value / AT_THE_END)
    Experiment.objects.update(state="running", ended_at=None, stopping_rule="always_valid")
    (running,) = report(-0.4, Experiment.objects.get()).carry_over
    assert running.p_value > ended.p_value


def test_every_door_has_it(client: Client) -> None:
    found = report(-1.5)
    sentence = said(found.carry_over[0])
    assert sentence in " ".join(as_text(found).split())
    assert sentence in in_one_line(client.get("/dashboards/pilot/").content.decode())
    (line,) = as_document(found)["carry_over"]
    kept = {name: getattr(found.carry_over[0], name) for name in line if name != "change"}
    assert {name: line[name] for name in kept} == kept
