"""`manage.py pilot_note` on a tiny replica."""

import re
import xml.etree.ElementTree as ET
from io import StringIO
from pathlib import Path

import plotly.graph_objects as go
import pytest
from django.core.management import CommandError, call_command

from experiments.analysis.report import formatting
from experiments.analysis.report.build import build
from experiments.analysis.report.record import Report
from experiments.errors import NoteError
from experiments.events.rollup import roll_up
from experiments.models import Experiment
from experiments.studies import replica
from experiments.studies.pilot_note import drawing
from experiments.studies.pilot_note.figures import figures
from experiments.studies.pilot_note.findings import find
from experiments.studies.pilot_note.text import as_markdown
from experiments.studies.simulation.catalogue import drawn_catalogue
from experiments.unit import Unit
from tests import chromium
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> Report:
    entries = drawn_catalogue(60, seed=1)
    drawn = replica.prepare("tiny", entries, scale=0.02, seed=1, catalogue="Drawn.")
    for _ in replica.write(drawn):
        pass
    roll_up()
    return build(Experiment.objects.get(slug="tiny"))


def write(folder: Path, *words_: str) -> str:
    call_command("pilot_note", "--slug", "tiny", "--out", str(folder), *words_, stdout=StringIO())
    return (folder / "note.md").read_text(encoding="utf-8")


def rates_of(report: Report) -> go.Figure:
    return figures(find(report, Unit.VIEWER_VIDEO, repetitions=1, seed=1))[0].figure


@chromium.needed
def test_the_numbers_are_the_reports_and_the_figures_are_drawn(
    report: Report, tmp_path: Path
) -> None:
    note = write(tmp_path, "--repetitions", "4")
    table = note.split("## What the printed")[0]
    for arm in report.arms:
        (row,) = [line for line in table.splitlines() if line.startswith(f"| {arm.name} ")]
        cells = [cell.strip() for cell in row.split("|")]
        assert cells[2:6] == [
            formatting.mean(arm.mean_views.value),
            formatting.mean(arm.mean_clicks.value),
            formatting.percent(arm.mean_ctr.value),
            formatting.interval(arm.mean_ctr),
        ]
        if arm.comparison:
            improvement = arm.comparison.improvement.value
            assert cells[6] == formatting.signed_percent(improvement)
    assert f"{formatting.whole(report.views)} page views of {report.included} videos" in note
    assert "the printed +19.5 % does not follow from the printed mCTRs" in note
    assert "not defined" not in note
    pictures = re.findall(r"!\[.*?\]\((\w+\.svg)\)", note)
    assert len(pictures) == 5
    for name in pictures:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert ET.fromstring(text).tag.endswith("svg")  # noqa: S314  our own file
        assert len(text) < 200_000
    assert (tmp_path / "rates.svg").read_text() == drawing.as_svgs([rates_of(report)])[0]


def test_the_same_seed_says_the_same(report: Report) -> None:
    first, again = (find(report, Unit.VIEWER_VIDEO, repetitions=2, seed=7) for _ in range(2))
    assert as_markdown(first, figures(first)) == as_markdown(again, figures(again))


def test_what_it_cannot_be_written_of_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="there is no experiment 'tiny': `replicate_pilot`"):
        write(tmp_path)


def test_other_arms_than_the_pilots_are_refused(tmp_path: Path) -> None:
    experiment = make_experiment()
    experiment.arms.filter(index=2).update(selector="calmest")
    with pytest.raises(CommandError, match="has not the pilot's arms"):
        call_command("pilot_note", "--slug", experiment.slug, "--out", str(tmp_path))


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "BROWSERS", ("no-such-browser",))
    with pytest.raises(NoteError, match="install one of no-such-browser"):
        drawing.browser()
