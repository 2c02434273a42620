"""A CSV or Parquet file of counts becomes an archive.

A bad row is refused, with its number and what is wrong with it. Rows are numbered from 1, the
header aside. The rows of one test and arm on different dates are added up.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet
from numpy.typing import NDArray

from experiments.analysis.stats.records import LARGEST_COUNT, BoolArray, FloatArray, IntArray
from experiments.errors import CountsError
from experiments.studies.historical.columns import Columns, detect
from experiments.studies.historical.records import NO_CREATIVE, Archive, Days

NOT_A_NUMBER = -1.0  # what no count can be
Texts = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that is no data, and why."""

    row: int
    reason: str


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
    """

    archive: Archive
    columns: Columns
    unused: tuple[str, ...]
    rows: int
    refused: tuple[Refused, ...]
    lone: tuple[str, ...]
    lone_rows: int


def read_counts(path: Path, given: Columns | None = None) -> Reading:
    """Read a file.

    Args:
        path: a .csv or .parquet file.
        given: columns named; the others are known by their usual names.

    Raises:
        CountsError: where the file cannot be read at all, or has no test with two arms.
    """
    broken: list[Refused] = []
    try:
        table = _table(path, broken)
        columns = detect(table.column_names, given or Columns())
        rows = _Rows.of(table, columns, broken)
    except (pa.ArrowException, csv.Error, OSError, UnicodeError) as error:
        raise CountsError(f"{path.name} cannot be read: {error}") from error
    good, refused = _refuse(rows, columns)
    archive, lone, lone_rows = _archive(rows, good)
    if not archive.count:
        first = f"; row {refused[0].row}: {refused[0].reason}" if refused else ""
        raise CountsError(f"{path.name} has no test with two arms and good rows{first}")
    unused = tuple(name for name in table.column_names if name not in columns.used)
    everything = sorted([*refused, *broken], key=lambda each: each.row)
    return Reading(
        archive, columns, unused, len(rows.test) + len(broken), tuple(everything), lone, lone_rows
    )


def _table(path: Path, broken: list[Refused]) -> pa.Table:
    """Return a file's rows, and put those that are not even rows into `broken`."""
    if path.suffix.lower() == ".csv":
        return _csv(path, broken)
    if path.suffix.lower() == ".parquet":
        return pa.parquet.read_table(path)
    raise CountsError(f"{path.name} must end in .csv or .parquet")


def _csv(path: Path, broken: list[Refused]) -> pa.Table:
    def note(row: pyarrow.csv.InvalidRow) -> str:
        # The header is row 1 of the parser's.
        cells = f"{row.actual_columns} cells, must be {row.expected_columns}"
        broken.append(Refused(row.number - 1, cells))
        return "skip"

    with path.open(encoding="utf-8-sig", newline="") as file:
        names = next(csv.reader(file), [])
    return pyarrow.csv.read_csv(
        path,
        # One thread: only then are the numbers of broken rows known.
        read_options=pyarrow.csv.ReadOptions(use_threads=False),
        parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True, invalid_row_handler=note),
        # As text, so that what is no number can be shown as it was written.
        convert_options=pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """The columns of N rows; numbers are NOT_A_NUMBER where they are none.

    Attributes:
        number: of each row in the file, from 1, (N,).
        test, arm, creative: codes (N,), -1 where there is no text.
        tests, arms: texts by code.
        began: datetime64[D] (N,), NaT where there is none.
        texts: how a cell is written, by column and row.
    """

    number: IntArray
    test: IntArray
    arm: IntArray
    creative: IntArray
    tests: list[str]
    arms: list[str]
    impressions: FloatArray
    clicks: FloatArray
    weight: FloatArray
    began: Days
    texts: Callable[[str, int], str]

    @classmethod
    def of(cls, table: pa.Table, columns: Columns, broken: list[Refused]) -> "_Rows":
        count = table.num_rows
        number = np.delete(np.arange(1, count + len(broken) + 1), [b.row - 1 for b in broken])
        test, tests = _codes(table[columns.test])
        if columns.arm:
            arm, arms = _codes(table[columns.arm])
        else:  # the row's place within its test is its arm's name
            arm = _place_within(test)
            arms = [str(place + 1) for place in range(int(arm.max(initial=-1)) + 1)]
        none = np.full(count, np.datetime64("NaT", "D"))
        return cls(
            number=number,
            test=test,
            arm=arm,
            creative=_joined([_codes(table[name])[0] for name in columns.creative], count),
            tests=tests,
            arms=arms,
            impressions=_numbers(table[columns.impressions]),
            clicks=_numbers(table[columns.clicks]),
            weight=_numbers(table[columns.weight]) if columns.weight else np.ones(count),
            began=_days(table[columns.date]) if columns.date else none,
            texts=lambda name, row: str(table[name][row].as_py()),
        )


def _refuse(rows: _Rows, columns: Columns) -> tuple[BoolArray, list[Refused]]:
    """Return which rows are good, and the others with the first thing wrong in each."""
    shown, clicked = rows.impressions, rows.clicks
    whole = f"must be a whole number from 0 to {LARGEST_COUNT}"
    checks = [
        (rows.test < 0, columns.test, "must name the test"),
        (rows.arm < 0, columns.arm, "must name the arm"),
        (~_is_whole(shown), columns.impressions, whole),
        (~_is_whole(clicked), columns.clicks, whole),
        (clicked > shown, columns.clicks, f"must be at most {columns.impressions}"),
        (~(rows.weight > 0), columns.weight, "must be over 0"),
    ]
    if columns.date:
        checks.append((np.isnat(rows.began), columns.date, "must begin like 2014-01-31"))
    good = np.ones(len(rows.test), dtype=bool)
    refused = []
    for wrong, name, must in checks:
        for row in np.flatnonzero(wrong & good).tolist():
            said = f"{name} == {rows.texts(name, row)!r}, {must}"
            refused.append(Refused(int(rows.number[row]), said))
        good &= ~wrong
    if columns.arm:
        refused += _repeated(rows, good)
    return good, sorted(refused, key=lambda each: each.row)


def _repeated(rows: _Rows, good: BoolArray) -> list[Refused]:
    """Take out of the good rows those that repeat a test, arm and day, and return them."""
    place = np.flatnonzero(good)
    day = rows.began[place].astype(np.int64)
    keys = np.stack([rows.test[place], rows.arm[place], day])
    _, first, group = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    original = first[group]
    again = original != np.arange(len(place))
    good[place[again]] = False
    when = ", arm and date" if not np.isnat(rows.began).all() else " and arm"
    return [
        Refused(int(rows.number[row]), f"the same test{when} as row {rows.number[of]}")
        for row, of in zip(place[again], place[original[again]], strict=True)
    ]


def _archive(rows: _Rows, good: BoolArray) -> tuple[Archive, tuple[str, ...], int]:
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
    np.fmin.at(began, rows.test[place], rows.began[place])

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
        creative=rows.creative[place][first[kept]],
    )
    lone_rows = int(np.isin(rows.test[place], lone).sum())
    return archive, tuple(rows.tests[code] for code in lone), lone_rows


def _codes(column: pa.ChunkedArray) -> tuple[IntArray, list[str]]:
    """Return each text's number in the order of appearance, -1 where there is none, and texts."""
    text = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    coded = pc.dictionary_encode(text.combine_chunks())
    indices = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return indices.astype(np.int64), coded.dictionary.to_pylist()


def _joined(parts: list[IntArray], count: int) -> IntArray:
    """Return one number for each combination of codes; NO_CREATIVE where every part is absent."""
    if not parts:
        return np.full(count, NO_CREATIVE)
    stacked = np.stack(parts)
    _, joined = np.unique(stacked, axis=1, return_inverse=True)
    return np.where(np.all(stacked < 0, axis=0), NO_CREATIVE, joined)


def _numbers(column: pa.ChunkedArray) -> FloatArray:
    """Return numbers, NOT_A_NUMBER where there is none."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        text = pc.utf8_trim_whitespace(column)
        numeric = pc.match_substring_regex(text, r"^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$")
        column = pc.if_else(numeric, text, pa.scalar(None, text.type))
    numbers = pc.fill_null(pc.cast(column, pa.float64(), safe=False), NOT_A_NUMBER)
    filled: FloatArray = np.nan_to_num(numbers.to_numpy(), nan=NOT_A_NUMBER)
    return filled


def _is_whole(numbers: FloatArray) -> BoolArray:
    whole: BoolArray = (numbers >= 0) & (numbers <= LARGEST_COUNT) & (numbers == np.floor(numbers))
    return whole


def _days(column: pa.ChunkedArray) -> Days:
    """Return days, NaT where there is none; a time of day after the date is of no matter."""
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        days: Days = column.to_numpy().astype("datetime64[D]")
        return days
    text = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(pc.cast(column, pa.string())), 0, 10)
    parsed = pc.strptime(text, format="%Y-%m-%d", unit="s", error_is_null=True)
    return np.asarray(parsed.to_numpy(), dtype="datetime64[D]")


def _place_within(codes: IntArray) -> IntArray:
    """Return how many earlier rows have the same code, (N,)."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    starts = np.searchsorted(ordered, ordered)
    places = np.empty(len(codes), dtype=np.int64)
    places[order] = np.arange(len(codes)) - starts
    return places
