"""The two-way error is computed part by part, kept with its watermark, and shown with it."""

import json

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from experiments import clustered, feed, queries, tasks
from experiments.ingest import receive
from experiments.models import Experiment
from experiments.report import as_document, as_text, build, current
from experiments.rollup import roll_up
from experiments.stats.compare import compare
from experiments.stats.two_way import CodedCells, two_way_mean_ctr
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db


def visited(viewers: range) -> None:
    rng = np.random.default_rng(viewers.start)
    for viewer in viewers:
        events = []
        for slot in feed.slots(f"v{viewer}", count=12).slots:
            events.append({"token": slot.token, "step": "viewable"})
            if rng.random() < 0.5:
                events.append({"token": slot.token, "step": "click"})
        receive(json.dumps({"events": events}).encode(), BROWSER)


@pytest.fixture
def experiment() -> Experiment:
    made = make_experiment(videos=12)
    visited(range(30))
    roll_up()
    return made


@pytest.mark.parametrize("views_a_part", [10**9, 90])
def test_it_is_that_of_all_cells_at_once(
    experiment: Experiment, views_a_part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clustered, "VIEWS_A_PART", views_a_part)
    found = clustered.compute(experiment.pk)
    cells = CodedCells.of(queries.viewer_video_cells(experiment.pk))
    counts = cells.counts()
    lines = compare(two_way_mean_ctr(cells, counts, np.ones(12, dtype=bool)))
    assert found.cells == 360
    for kept, line in zip(found.comparisons, lines, strict=True):
        expected = line.simultaneous_improvement
        assert kept["arm"] == line.arm
        assert [kept["improvement"], kept["low"], kept["high"]] == pytest.approx(
            [expected.value, expected.low, expected.high]
        )
        assert kept["p_value"] == pytest.approx(line.p_value_adjusted)


def test_reports_show_it_and_say_when_its_counts_are_older(
    experiment: Experiment, client: Client
) -> None:
    assert current(experiment).two_way is None
    tasks.two_way(experiment.pk)
    report = current(experiment)
    assert report.two_way is not None
    assert report.two_way.current
    assert "of these counts." in " ".join(as_text(report).split())
    assert as_document(report)["two_way"]["arms"][1]["arm"] == "gevaden"
    page = client.get(f"/dashboards/{experiment.slug}/").content.decode()
    assert "360 sums by viewer" in page.replace("\N{NO-BREAK SPACE}", " ")
    visited(range(100, 103))
    roll_up()
    assert "older counts" in as_text(build(experiment))


def test_events_that_no_rollup_has_counted_stop_it(experiment: Experiment) -> None:
    visited(range(100, 103))
    with pytest.raises(CommandError, match="roll up, and compute it again"):
        call_command("two_way", experiment.slug)
    roll_up()
    call_command("two_way", experiment.slug)
    with pytest.raises(CommandError, match="must be an experiment"):
        call_command("two_way", "unknown")
