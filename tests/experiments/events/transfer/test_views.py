"""A file's events are each of one impression, and its clicks no less suspect than their views."""

import csv
from pathlib import Path

import pytest

from experiments.analysis.report.build import build
from experiments.events.clock import now_ms
from experiments.events.ingest import TAKEN
from experiments.events.keys import DAY_MS, context_flags, impression_id
from experiments.events.rollup import roll_up
from experiments.events.transfer.files import SCHEMA
from experiments.events.transfer.import_events import import_events
from experiments.measures import Step
from experiments.models import Event, Experiment, RefusedCount
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
Row = dict[str, object]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for slug in ("id-a", "id-b"):
        make_experiment(slug, videos=1)
    return tmp_path


def impression(number: int = 0) -> int:
    return impression_id(now_ms() // DAY_MS * DAY_MS - DAY_MS + number, 7, 0)


def row(step: str, experiment: str, number: int = 0, **more: object) -> Row:
    return {
        "impression": impression(number), "step": step, "viewer": 1, "video": "id-a-0",
        "experiment": experiment, "phase": 1, "arm": 0, "position": 0, "device": 1, "flags": 0,
        "seconds": None, **more,
    }  # fmt: skip


def brought(folder: Path, *rows: Row) -> tuple[int, int, dict[str, int]]:
    """Import a file of rows; return how many were stored, repeats, and refused by reason."""
    with (folder / "events.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, SCHEMA.names)
        writer.writeheader()
        writer.writerows(rows)
    receipt = import_events(folder / "events.csv")
    return receipt.accepted, receipt.duplicate, dict(receipt.rejected)


def test_an_id_of_another_experiment_is_refused_and_both_have_reports(folder: Path) -> None:
    """Case E9: its click would be stored without a view, and break the second one's report."""
    assert brought(folder, row("viewable", "id-a")) == (1, 0, {})
    second = [row("viewable", "id-b"), row("click", "id-b")]
    assert brought(folder, *second) == (0, 0, {TAKEN: 2})
    roll_up()
    views = {e.slug: build(e).arms[0].views for e in Experiment.objects.all()}
    assert views == {"id-a": 0, "id-b": 0}  # no video was seen in every arm
    counted = RefusedCount.objects.values_list("experiment__slug", "reason", "events")
    assert list(counted) == [("id-b", TAKEN, 2)]


@pytest.mark.parametrize(
    "change", [{"viewer": 2}, {"video": "id-b-0"}, {"arm": 1}, {"experiment": "id-b"}]
)
@pytest.mark.parametrize("step", ["viewable", "click", "loaded"])
@pytest.mark.parametrize("together", [True, False])
def test_whatever_differs_is_another_impression(
    change: Row, step: str, together: bool, folder: Path
) -> None:
    first, other = row("viewable", "id-a"), row(step, "id-a") | change
    if together:
        assert brought(folder, first, other) == (1, 0, {TAKEN: 1})
    else:
        assert brought(folder, first) == (1, 0, {})
        assert brought(folder, other, row("viewable", "id-a", 5)) == (1, 0, {TAKEN: 1})
    assert Event.objects.filter(key=impression() | Step.VIEWABLE).exists()


def test_repeats_are_still_repeats(folder: Path) -> None:
    rows = [row(step, "id-a", number) for number in range(3) for step in ("viewable", "click")]
    assert brought(folder, *rows, rows[0]) == (6, 1, {})
    assert brought(folder, *rows, rows[0]) == (0, 7, {})


@pytest.mark.parametrize("together", [True, False])
def test_a_click_is_as_suspect_as_its_view(together: bool, folder: Path) -> None:
    seen, clicked = row("viewable", "id-a", flags=1), row("click", "id-a")
    for rows in ([seen, clicked],) if together else ([seen], [clicked]):
        assert brought(folder, *rows)[0] == len(rows)
    click = Event.objects.get(key=impression() | Step.CLICK)
    assert context_flags(click.context) == 1
