"""The cube that is counted for a file adds up to what was sent and to what is kept."""

from collections import Counter
from pathlib import Path

import pyarrow.csv
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command

from experiments.events.ingest import STEPS
from experiments.events.transfer.export_counts import export_counts
from experiments.measures import EVENTS_OF, LONG_WATCH_S, MEASURES
from experiments.models import DayCount, Experiment
from tests.experiments.beacons import visit
from tests.experiments.world import BROWSER, make_experiment

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Mobile/15E148"


def sent_by(viewer: str, agent: str, steps: list[str]) -> Counter[tuple[str, str]]:
    """Let a viewer's page tell the steps; return how many of each, by video."""
    slots = visit(viewer, *steps, agent=agent, seconds=1.5)
    return Counter((slot.video.slug, step) for slot in slots for step in steps)


def make_visits() -> tuple[Experiment, Counter[tuple[str, str]]]:
    experiment = make_experiment(videos=5)
    sent = sent_by("ann", BROWSER, list(STEPS))
    sent += sent_by("bob", PHONE, ["viewable", "click"])
    sent += sent_by("eve", "curl/8.0", ["viewable"])
    return experiment, sent


def test_rows_add_up_to_what_was_sent(tmp_path: Path) -> None:
    experiment, sent = make_visits()
    file = tmp_path / "counts.parquet"
    written = export_counts(experiment, file)
    rows = pyarrow.parquet.read_table(file).to_pylist()
    assert len(rows) == written
    told: Counter[tuple[str, str]] = Counter()
    for row in rows:
        steps = {step: row[EVENTS_OF[code]] for step, code in STEPS.items()}
        told.update({(row["video"], step): count for step, count in steps.items() if count})
    assert told == sent
    assert {(row["device"], row["flags"] > 0) for row in rows} == {
        ("desktop", False), ("phone", False), ("unknown", True),
    }  # fmt: skip
    assert sum(row["watched_ms"] for row in rows) == 1500 * 5


def test_rows_add_up_to_what_is_kept(tmp_path: Path) -> None:
    experiment, _ = make_visits()
    visit("zoe", "viewable", "click", "watched", seconds=LONG_WATCH_S)
    export_counts(experiment, file := tmp_path / "counts.parquet")
    rows = pyarrow.parquet.read_table(file).to_pylist()
    names = [measure.name for measure in MEASURES]
    kept = [sum(column) for column in zip(*DayCount.objects.values_list(*names), strict=True)]
    assert kept == [sum(row[name] for row in rows) for name in names]
    assert dict(zip(names, kept, strict=True))["watched_clicks"] == 5


def test_the_command_writes_csv_and_says_how_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_visits()
    file = tmp_path / "counts.csv"
    call_command("export_counts", "pilot", str(file))
    table = pyarrow.csv.read_csv(file)
    assert capsys.readouterr().out == f"{table.num_rows} rows written to {file}\n"
    assert set(table["positions"].to_pylist()) <= {"0-2", "3-9"}


def test_an_experiment_without_events_gives_no_rows(tmp_path: Path) -> None:
    assert export_counts(make_experiment(), tmp_path / "counts.jsonl") == 0


def test_what_cannot_be_meant_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no experiment has the slug 'gone'"):
        call_command("export_counts", "gone", str(tmp_path / "counts.csv"))
    make_experiment()
    with pytest.raises(CommandError, match=r"must end in \.csv"):
        call_command("export_counts", "pilot", str(tmp_path / "counts.xlsx"))
