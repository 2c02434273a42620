"""A file of counts becomes an archive.

A bad row is refused, with its number and what is wrong with it. Rows are numbered from 1, the
header aside. The other rows of one test and arm are added up, whatever else they differ in.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from experiments.errors import CountsError
from experiments.studies.historical.adding_up import add_up
from experiments.studies.historical.columns import Columns, detect
from experiments.studies.historical.files import Refused, read_sheet
from experiments.studies.historical.records import Archive
from experiments.studies.historical.rows import parse_rows, refuse

MOST_REFUSED = 0.1  # share of rows; with more of them the others do not stand for the file


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A file as read: rows == rows of the archive's arms + refused + rows of lone arms.

    Attributes:
        columns: which were read.
        unused: names of the file's other columns.
        rows: how many the file has.
        refused: every bad row, in order.
        lone: tests with fewer than two arms: there is nothing to compare in them.
        lone_rows: how many rows those have.
        notes: what else was found out or left out, in sentences.
    """

    archive: Archive
    columns: Columns
    unused: tuple[str, ...]
    rows: int
    refused: tuple[Refused, ...]
    lone: tuple[str, ...]
    lone_rows: int
    notes: tuple[str, ...]

    @property
    def too_many_refused(self) -> bool:
        """Whether so many rows are refused that the others do not stand for the file."""
        return len(self.refused) > MOST_REFUSED * self.rows


def read_counts(path: Path, given: Columns | None = None) -> Reading:
    """Read a file.

    Args:
        path: a text file with a suffix of files.TEXT_SUFFIXES, or a .parquet file.
        given: columns named; the others are known by their usual names.

    Raises:
        CountsError: where the file cannot be read at all, or has no test with two arms.
    """
    try:
        sheet = read_sheet(path)
        columns = detect(sheet.table.column_names, given or Columns())
        rows = parse_rows(sheet, columns)
    except (pa.ArrowException, csv.Error, OSError) as error:
        raise CountsError(f"{path.name} cannot be read: {error}") from error
    good, refused = refuse(rows, columns)
    archive, lone, lone_rows = add_up(rows, good)
    if not archive.count:
        first = f"; row {refused[0].row}: {refused[0].reason}" if refused else ""
        raise CountsError(f"{path.name} has no test with two arms and good rows{first}")
    return Reading(
        archive=archive,
        columns=columns,
        unused=tuple(name for name in sheet.table.column_names if name not in columns.used),
        rows=len(rows.test) + len(sheet.broken),
        refused=tuple(sorted([*refused, *sheet.broken], key=lambda each: each.row)),
        lone=lone,
        lone_rows=lone_rows,
        notes=(*sheet.notes, *rows.notes),
    )
