"""The report without units seen in two arms, against counting views by hand, on every door."""

import json
from collections import Counter
from math import isnan

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from experiments.analysis.report import without_crossed
from experiments.analysis.report.build import build
from experiments.analysis.report.without_crossed import build_without_crossed
from experiments.errors import StateError
from experiments.events.rollup import roll_up
from experiments.models import Experiment
from experiments.serving import allocation_phases, feed
from experiments.unit import Unit
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.analysis.visits import Seen, visit
from tests.experiments.world import make_experiment
from tests.reading import as_read

pytestmark = pytest.mark.django_db
VIEWERS, VIDEOS = 40, 12


def changed(unit: Unit) -> tuple[Experiment, list[Seen]]:
    """Most viewers come again after the shares have changed; some come but once."""
    experiment = make_experiment(videos=VIDEOS, weights=(4, 1, 1), unit=unit)
    rng = np.random.default_rng(4)
    seen = [s for viewer in range(VIEWERS) for s in visit("pilot", f"v{viewer}", rng)]
    allocation_phases.change(experiment, weights={0: 1, 1: 2, 2: 1})
    feed.refresh()
    again = range(10, VIEWERS + 10)
    seen += [s for viewer in again for s in visit("pilot", f"v{viewer}", rng)]
    roll_up()
    return experiment, seen


def in_one_arm(seen: list[Seen], unit: Unit) -> list[Seen]:
    def of(view: Seen) -> tuple[str, ...]:
        return (view.viewer,) if unit is Unit.VIEWER else (view.viewer, view.video)

    arms: dict[tuple[str, ...], set[int]] = {}
    for view in seen:
        arms.setdefault(of(view), set()).add(view.arm)
    return [view for view in seen if len(arms[of(view)]) == 1]


@pytest.mark.parametrize("unit", [Unit.VIEWER_VIDEO, Unit.VIEWER])
@pytest.mark.parametrize("in_parts", [False, True])
def test_only_units_of_one_arm_are_left(
    unit: Unit, in_parts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if in_parts:
        monkeypatch.setattr(without_crossed, "MOST_VIEWS", 100)
        monkeypatch.setattr(without_crossed, "VIEWS_A_PART", 200)
    experiment, seen = changed(unit)
    left = in_one_arm(seen, unit)
    report = build_without_crossed(experiment, at_any_size=True)
    assert report.included == VIDEOS
    assert [arm.views for arm in report.arms] == [
        Counter(view.arm for view in left)[arm] for arm in range(3)
    ]
    assert [arm.clicks for arm in report.arms] == [
        sum(view.clicked for view in left if view.arm == arm) for arm in range(3)
    ]
    out = report.without_crossed
    assert out is not None
    assert (out.views, out.views_left_out) == (len(seen), len(seen) - len(left))
    assert 0 < out.left_out < out.units
    assert not report.srm.alarm
    assert isnan(report.srm.p_value)
    assert report.days == ()
    assert all(arm.comparison and not isnan(arm.comparison.p_value) for arm in report.compared)
    assert build(experiment).views == len(seen)


def test_every_door_says_what_is_left_out_and_that_this_can_bias(
    capsys: pytest.CaptureFixture[str],
) -> None:
    experiment, _ = changed(Unit.VIEWER_VIDEO)
    call_command("report", "pilot", "--without-crossed")
    page = Client().get("/dashboards/pilot/?crossed=without").content.decode()
    out = build_without_crossed(experiment).without_crossed
    assert out is not None
    said = f"Without the {out.left_out} of {out.units} units"
    for door in (capsys.readouterr().out, as_read(page)):
        text = " ".join(door.split())
        assert said in text
        assert "This can bias" in text
        assert "not checked: units are left out by the arms that they saw" in text
    assert 'id="figure-' not in page
    assert "<h3>Funnel</h3>" not in page
    answer = Client().get("/api/v1/reports/pilot?crossed=without").json()
    assert answer["without_crossed"]["left_out"] == out.left_out
    assert Client().get("/api/v1/reports/pilot").json()["without_crossed"] is None
    call_command("report", "pilot", "--without-crossed", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert printed["without_crossed"] == answer["without_crossed"]
    assert "Without the" not in Client().get("/dashboards/pilot/").content.decode()


def test_the_api_takes_no_other_word(client: Client) -> None:
    counted_study()
    answer = client.get("/api/v1/reports/pilot?crossed=no")
    assert answer.status_code == 400
    assert answer.json() == {"crossed": "crossed == 'no', must be without"}


def refused(experiment: Experiment) -> str:
    """Return the sentence that refuses it, the same on every door."""
    with pytest.raises(StateError) as caught:
        build_without_crossed(experiment)
    sentence = str(caught.value)
    answer = Client().get(f"/api/v1/reports/{experiment.slug}?crossed=without")
    assert (answer.status_code, answer.json()) == (409, {"detail": sentence})
    page = Client().get(f"/dashboards/{experiment.slug}/?crossed=without")
    assert sentence in as_read(page.content.decode())
    return sentence


def test_what_has_no_such_report_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "none of them is in two arms" in refused(counted_study(slug="videos", unit=Unit.VIDEO))
    gone = counted_study(slug="gone")
    assert "events of some days are gone" in refused(gone)
    with pytest.raises(CommandError, match="events of some days are gone"):
        call_command("report", "gone", "--without-crossed")
    monkeypatch.setattr(without_crossed, "MOST_VIEWS", 100)
    assert "`manage.py report gone --without-crossed` takes the minutes" in refused(gone)


@pytest.mark.parametrize("unit", [Unit.VIEWER_VIDEO, Unit.VIEWER])
def test_without_any_view_there_is_nothing_to_leave_out(unit: Unit) -> None:
    out = build_without_crossed(make_experiment(unit=unit)).without_crossed
    assert out is not None
    assert (out.units, out.left_out, out.views) == (0, 0, 0)
