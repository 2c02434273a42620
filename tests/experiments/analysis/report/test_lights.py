"""Lights of a report: each says what it saw, and is red only where nothing can be trusted."""

from dataclasses import replace

import pytest
from django.test import Client
from django.utils import timezone

from experiments.analysis.report.build import build
from experiments.analysis.report.lights import State, lights
from experiments.analysis.report.record import Report, TwoWay
from experiments.analysis.report.viewer_facts import Overlap, ViewerFacts
from tests.experiments.analysis.report.cast import LOPSIDED, counted_study
from tests.reading import as_read

pytestmark = pytest.mark.django_db


def light(report: Report, name: str) -> tuple[State, str]:
    found = next(each for each in lights(report) if each.name == name)
    return found.state, found.says


def with_units(report: Report, crossed: int) -> Report:
    aside = TwoWay(timezone.now(), 1.0, 500, 1.0, 500, crossed, current=True, arms=())
    return replace(report, two_way=aside)


def test_what_nobody_looked_at_is_not_called_good() -> None:
    report = build(counted_study())
    for name in ("units in one arm", "carry-over", "overlap"):
        assert light(report, name)[0] is State.NONE
    assert light(report, "clicks arrive") == (State.GOOD, "")
    said = "0 views and 0 clicks of bots, and 0 repeats left out"
    assert light(report, "bots and repeats") == (State.GOOD, said)


@pytest.mark.parametrize(
    ("crossed", "state", "said"),
    [
        (0, State.GOOD, "none of 500 in two"),
        (4, State.GOOD, "4 of 500"),
        (60, State.NOTE, "12.0 %"),
    ],
)
def test_units_in_two_arms_are_to_be_looked_at_where_they_are_many(
    crossed: int, state: State, said: str
) -> None:
    report = with_units(build(counted_study()), crossed)
    found, says = light(report, "units in one arm")
    assert found is state
    assert said in says
    assert light(report, "carry-over")[0] is state


def test_other_experiments_are_named() -> None:
    report = build(counted_study())
    alone = ViewerFacts(0.02, 0.02, 1.0, (), ())
    assert light(replace(report, viewers=alone), "overlap")[0] is State.GOOD
    met = replace(alone, overlaps=(Overlap("spring", 20, 100, 3),))
    state, said = light(replace(report, viewers=met), "overlap")
    assert state is State.NOTE
    assert "spring" in said


def test_red_is_loud_on_the_page(client: Client) -> None:
    report = build(counted_study(LOPSIDED))
    state, said = light(report, "traffic shares")
    assert state is State.BAD
    page = as_read(client.get("/dashboards/pilot/").content.decode())
    top = page.partition('class="headline')[0]
    assert '<li class="check bad"><span>✕ traffic shares</span>' in top
    assert page.count('<li class="check') == len(lights(report))
    assert said.partition(" ")[0] in top


def test_a_sound_report_begins_with_its_verdict(client: Client) -> None:
    report = build(counted_study())
    page = as_read(client.get("/dashboards/pilot/").content.decode())
    top, _, below = page.partition('class="headline')
    assert '<li class="check' not in top
    assert below.partition("</table>")[2].count('<li class="check') == len(lights(report))
