"""A file of counts becomes an archive.

A bad row is refused, with its number and what is wrong with it. Rows are numbered from 1, the
header aside. The other rows of one test and arm are added up, whatever else they differ in.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray
from experiments.errors import CountsError
from experiments.studies.historical.columns import Columns, detect
from experiments.studies.historical.files import Refused, read_sheet
from experiments.studies.historical.records import NO_CREATIVE, Archive
from experiments.studies.historical.rows import Rows, parse_rows, refuse

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
    archive, lone, lone_rows = _archive(rows, good)
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


def _archive(rows: Rows, good: BoolArray) -> tuple[Archive, tuple[str, ...], int]:
    """Add the good rows up by test and arm; return the archive and the tests of one arm."""
    place = np.flatnonzero(good)
    keys = np.stack([rows.test[place], rows.arm[place]])
    pairs, first, arm_of_row = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    # Arms in the order in which the file has them; tests in the order of their codes, the same.
    order = np.lexsort([first, pairs[0]])
    sizes = np.bincount(pairs[0], minlength=len(rows.tests))
    kept = order[sizes[pairs[0][order]] > 1]
    codes, test = np.unique(pairs[0][kept], return_inverse=True)
    began = np.full(len(rows.tests), np.datetime64("NaT", "D"))
    np.fmin.at(began, rows.test[place], rows.dates.day[place])

    def summed(values: FloatArray) -> IntArray:
        totals = np.bincount(arm_of_row, weights=values[place])[kept]
        return np.asarray(totals, dtype=np.int64)

    lone = np.flatnonzero(sizes == 1)
    archive = Archive(
        names=tuple(rows.tests[code] for code in codes),
        began=began[codes],
        test=test,
        arms=tuple(rows.arms[code] for code in pairs[1][kept]),
        impressions=summed(rows.impressions),
        clicks=summed(rows.clicks),
        weights=rows.weight[place][first[kept]],
        creative=_creatives(rows.creative[place], first, arm_of_row)[kept],
    )
    lone_rows = int(np.isin(rows.test[place], lone).sum())
    return archive, tuple(rows.tests[code] for code in lone), lone_rows


def _creatives(creative: IntArray, first: IntArray, arm_of_row: IntArray) -> IntArray:
    """Return what each arm showed, NO_CREATIVE where its rows do not agree."""
    shown = creative[first]
    differs = np.bincount(arm_of_row, weights=creative != shown[arm_of_row]) > 0
    return np.where(differs, NO_CREATIVE, shown)
