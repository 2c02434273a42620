"""Files that lie on the server: a folder's, or those that a table names, thousands at once.

Nothing outside COVERLIFT_IMPORT_ROOT is looked at, whatever a name or a link says. What is brought
here waits for the same check as what is sent.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.files import File

from experiments.audit import actor
from experiments.errors import IntakeError
from experiments.making import creatives
from experiments.making.intake import size_problem
from experiments.making.video_import import name_problem
from experiments.models import PUBLISHER, Intake

FILE, COLUMNS = "file", ("title", "channel", "published", "licence", "source", "image")
MOST_ROWS = 50_000
BATCH = 2_000
State = Intake.State


@dataclass(frozen=True, slots=True)
class Brought:
    """Files that wait for their check now, how many were here before, and why others are not."""

    count: int
    known: int
    left_out: list[str]


@dataclass(frozen=True, slots=True)
class Row:
    """A file by its path below the root, and what a table says of it."""

    file: str
    said: dict[str, str]
    place: str = ""


def bring_folder(folder: str, *, who: str) -> Brought:
    """Bring every video file of a folder and of those in it.

    Raises:
        IntakeError: where there is no such folder, or it holds no file.
    """
    at = _within(folder)
    if not at.is_dir():
        raise IntakeError(f"{folder or '.'} is no folder of {root()}")
    files = sorted(path for path in at.rglob("*") if path.is_file() and path.name[0] != ".")
    if not files:
        raise IntakeError(f"{at} holds no file")
    return _bring((Row(str(path.relative_to(root())), {}) for path in files), who)


def bring_table(text: str, *, who: str) -> Brought:
    """Bring the files that a table names: CSV with a column `file`, and may be others.

    Args:
        text: the table; each file by its path below the root.
        who: brings them.

    Raises:
        IntakeError: where it is no such table.
    """
    if "\0" in text:
        raise IntakeError("the table has NUL characters: save it as “CSV UTF-8”")
    lines = csv.DictReader(StringIO(text, newline=""))
    try:
        return _bring(_rows_of(lines), who)
    except csv.Error as error:
        raise IntakeError(f"the table is no CSV: {error} (line {lines.line_num + 1})") from error


def _rows_of(lines: "csv.DictReader[str]") -> Iterator[Row]:
    """Return the rows of a table whose columns are known."""
    columns = lines.fieldnames or []
    if FILE not in columns:
        raise IntakeError(
            f"the table has the columns {', '.join(columns) or 'none'}: name one file"
        )
    if unknown := sorted({str(column) for column in columns} - {FILE, *COLUMNS}):
        raise IntakeError(
            f"the table has a column {unknown[0]}: only file, {', '.join(COLUMNS)} are known"
        )
    return _rows(lines)


def root() -> Path:
    """Return the folder that all files must lie in."""
    return Path(settings.IMPORT_ROOT).resolve()


def _rows(lines: "csv.DictReader[str]") -> Iterator[Row]:
    for number, line in enumerate(lines):
        if number == MOST_ROWS:
            raise IntakeError(f"the table has over {MOST_ROWS:,} rows: bring it in parts")
        said = {name: (line.get(name) or "").strip() for name in COLUMNS}
        yield Row((line[FILE] or "").strip(), said, f"line {lines.line_num}: ")


def _bring(rows: Iterable[Row], who: str) -> Brought:
    """Note the files that can be videos and are not here yet."""
    before = set(_before())
    wanted: list[Intake] = []
    left_out, known = [], 0
    for row in rows:
        try:
            intake = _noted(row, who)
        except IntakeError as error:
            left_out.append(f"{row.place}{error}")
            continue
        if _same(intake) in before:
            known += 1
            continue
        before.add(_same(intake))
        wanted.append(intake)
    Intake.objects.bulk_create(wanted, BATCH)
    return Brought(len(wanted), known, left_out)


def _noted(row: Row, who: str) -> Intake:
    path = _within(row.file)
    if not _is_file(path):
        raise IntakeError(f"{row.file or 'no file'} is not in {root()}")
    found = path.stat()
    if problem := name_problem(row.file) or size_problem(row.file, found.st_size):
        raise IntakeError(problem)
    image = row.said.get("image", "")
    return Intake(
        image=str(_image(image)) if image else "",
        name=row.file[-300:], path=str(path), size_bytes=found.st_size,
        changed_ms=found.st_mtime_ns // 1_000_000, who=who, state=State.CHECKING,
        door=actor().door,
        title=row.said.get("title", "")[:200], licence=row.said.get("licence", "")[:100],
        source=row.said.get("source", "")[:300], channel=row.said.get("channel", "")[:100],
        published_at=_moment(row.said.get("published", "")),
    )  # fmt: skip


def _moment(text: str) -> datetime | None:
    """Return a moment, in UTC where no zone is told; None for none.

    Raises:
        IntakeError: where it is neither a day nor a moment.
    """
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise IntakeError(
            f"published == {text!r}, must be like 2026-03-31 or 2026-03-31T18:30"
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _image(name: str) -> Path:
    """Return the path of a publisher's image below the root.

    Raises:
        IntakeError: where it is not there, or is none that is taken.
    """
    path = _within(name)
    if not _is_file(path):
        raise IntakeError(f"the image {name} is not in {root()}")
    with path.open("rb") as file:
        for problem in creatives.problems(PUBLISHER, File(file, name)).values():
            raise IntakeError(problem)
    return path


def _within(name: str) -> Path:
    """Return the path of a name below the root, all links followed.

    Raises:
        IntakeError: where it leads out.
    """
    try:
        path = (root() / name).resolve()
    except (OSError, ValueError) as error:
        raise IntakeError(f"{name!r} is no path") from error
    if not path.is_relative_to(root()):
        raise IntakeError(f"{name} lies outside {root()} (COVERLIFT_IMPORT_ROOT)")
    return path


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have
        return False


def _before() -> Iterator[tuple[str, int, int]]:
    """Yield what is here or on its way, as `_same` names it."""
    taken = Intake.objects.filter(state=State.TAKEN, video__isnull=False)
    on_its_way = Intake.objects.filter(state=State.CHECKING)
    for intakes in (taken, on_its_way):
        yield from intakes.exclude(path="").values_list("path", "size_bytes", "changed_ms")


def _same(intake: Intake) -> tuple[str, int, int]:
    return intake.path, intake.size_bytes, intake.changed_ms
