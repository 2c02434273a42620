"""What is exported comes back the same, from every kind of file."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from experiments.events.ingest import STEPS
from experiments.events.transfer.import_events import import_events
from experiments.models import Event
from experiments.serving import feed
from tests.experiments.beacons import event, send, visit
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
COLUMNS = ("key", "viewer", "video", "cell", "context", "watched_ms")


def visited() -> list[tuple[int | None, ...]]:
    """Store every kind of event, and return the rows."""
    make_experiment()
    visit("ann", *STEPS, seconds=1.25)
    visit("bob", "click", seconds=1.25)
    return stored()


def stored() -> list[tuple[int | None, ...]]:
    return list(Event.objects.order_by("key").values_list(*COLUMNS))


@pytest.mark.parametrize("suffix", ["csv", "parquet", "jsonl"])
def test_a_file_brings_back_the_same_rows(suffix: str, tmp_path: Path) -> None:
    rows = visited()
    file = tmp_path / f"events.{suffix}"
    call_command("export_events", "pilot", str(file))
    Event.objects.all().delete()
    receipt = import_events(file)
    assert (receipt.accepted, receipt.duplicate, receipt.rejected) == (len(rows), 0, {})
    assert stored() == rows
    again = import_events(file)
    assert (again.accepted, again.duplicate) == (0, len(rows))
    assert stored() == rows


def test_what_was_shown_beside_a_video_comes_back_as_that(tmp_path: Path) -> None:
    make_experiment()
    for slot in feed.related("ann", "pilot-0", count=2).slots:
        send(event(slot.token))
    rows, file = stored(), tmp_path / "events.csv"
    call_command("export_events", "pilot", str(file))
    Event.objects.all().delete()
    assert import_events(file).accepted == len(rows) == 2
    assert stored() == rows


def test_a_file_without_the_column_is_of_feeds(tmp_path: Path) -> None:
    rows, file = visited(), tmp_path / "events.csv"
    call_command("export_events", "pilot", str(file))
    lines = file.read_text().splitlines()
    file.write_text("\n".join(line.rpartition(",")[0] for line in lines) + "\n")
    Event.objects.all().delete()
    assert import_events(file).accepted == len(rows)
    assert stored() == rows


def test_only_what_is_new_is_stored(tmp_path: Path) -> None:
    rows = visited()
    file = tmp_path / "events.csv"
    call_command("export_events", "pilot", str(file))
    Event.objects.filter(key__in=[row[0] for row in rows[::2]]).delete()
    receipt = import_events(file)
    assert (receipt.accepted, receipt.duplicate) == (len(rows[::2]), len(rows[1::2]))
    assert stored() == rows


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"step": "hover"}, "unknown_step"), ({"step": None}, "unknown_step"),
        ({"video": "gone"}, "unknown_video"), ({"experiment": "gone"}, "unknown_experiment"),
        ({"arm": 9}, "unknown_experiment"), ({"phase": 9}, "unknown_experiment"),
        ({"viewer": -1}, "malformed"), ({"viewer": None}, "malformed"),
        ({"impression": 2**62}, "future"), ({"impression": 1}, "malformed"),
        ({"position": 10**6}, "malformed"), ({"device": 4}, "malformed"),
        ({"flags": 32}, "malformed"), ({"step": "watched", "seconds": None}, "bad_seconds"),
        ({"step": "watched", "seconds": -1.0}, "bad_seconds"),
        ({"step": "watched", "seconds": 1e9}, "bad_seconds"),
    ],
)  # fmt: skip
def test_a_bad_row_is_refused_and_the_rest_kept(
    change: dict[str, object], reason: str, tmp_path: Path
) -> None:
    visited()
    file = tmp_path / "events.jsonl"
    call_command("export_events", "pilot", str(file))
    Event.objects.all().delete()
    first, *rest = file.read_text().splitlines()
    file.write_text("\n".join([json.dumps(json.loads(first) | change), *rest]) + "\n")
    receipt = import_events(file)
    assert receipt.rejected == {reason: 1}
    assert receipt.accepted == len(rest)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("events.csv", "impression,step\n1,click\n", "lacks the columns viewer"),
        ("events.csv", "impression\nx\n", "must|invalid|error"),
        ("events.jsonl", '{"impression": "x"}\n', "JSON"),
        ("events.parquet", "no parquet", "Parquet|parquet"),
        ("events.txt", "", "must end in .csv, .parquet or .jsonl"),
        ("events.csv", "", "Empty CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(CommandError, match=message):
        call_command("import_events", str(tmp_path / name))


@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
@pytest.mark.parametrize("part", [b"experiment", b"pilot"])
def test_a_text_that_is_no_utf_8_is_refused(suffix: str, part: bytes, tmp_path: Path) -> None:
    visited()
    path = tmp_path / f"events{suffix}"
    call_command("export_events", "pilot", str(path))
    path.write_bytes(path.read_bytes().replace(part, part[:1] + b"\xab" + part[2:]))
    with pytest.raises(CommandError, match=r"UTF-?8|utf-8|lacks"):
        call_command("import_events", str(path))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_events", str(tmp_path / "none.csv"))
    with pytest.raises(CommandError, match="no experiment has the slug 'x'"):
        call_command("export_events", "x", str(tmp_path / "none.csv"))
