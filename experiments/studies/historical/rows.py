"""The rows of a sheet as numbers, and which of them are no data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.analysis.stats.records import LARGEST_COUNT, BoolArray, FloatArray, IntArray
from experiments.errors import CountsError
from experiments.studies.historical.columns import Columns
from experiments.studies.historical.days import Dates, no_dates, read_dates
from experiments.studies.historical.files import Refused, Sheet
from experiments.studies.historical.records import NO_CREATIVE

NOT_A_NUMBER = -1.0  # what no count can be
_NUMBER = r"^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$"
_PERCENT = r"^\d+(\.\d*)?\s*%$"
_GROUPED = r"^[+-]?[1-9]\d{0,2}([.,]\d{3})+$"  # 12.000: twelve, or twelve thousand


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The columns of N rows; numbers are NOT_A_NUMBER where they are none.

    Attributes:
        number: of each row in the file, from 1, (N,).
        test, arm, creative: codes (N,), -1 where there is no text.
        tests, arms: texts by code.
        whole: a code that is equal for rows that are equal in every column of the file, (N,).
        notes: which optional columns could not be read, in sentences.
        texts: how a cell is written, by column and row.
    """

    number: IntArray
    test: IntArray
    arm: IntArray
    creative: IntArray
    whole: IntArray
    tests: list[str]
    arms: list[str]
    impressions: FloatArray
    clicks: FloatArray
    weight: FloatArray
    dates: Dates
    notes: tuple[str, ...]
    texts: Callable[[str, int], str]


def parse_rows(sheet: Sheet, columns: Columns) -> Rows:
    """Read the columns of a sheet.

    Raises:
        CountsError: where counts are written so that their size cannot be told.
    """
    table, count = sheet.table, sheet.table.num_rows
    number = np.arange(1, count + len(sheet.broken) + 1)
    test, tests = _codes(table[columns.test])
    arm, arms = _arms(table, columns, test)
    weight, unread = _weights(table, columns)
    dates = read_dates(table[columns.date], columns.date) if columns.date else no_dates(count)
    creative = [_codes(table[name])[0] for name in columns.creative]
    return Rows(
        number=np.delete(number, [broken.row - 1 for broken in sheet.broken]),
        test=test,
        arm=arm,
        creative=np.where(_all_absent(creative, count), NO_CREATIVE, _joined(creative, count)),
        whole=_joined([_cells(column) for column in table.columns], count),
        tests=tests,
        arms=arms,
        impressions=_counts(table, columns.impressions),
        clicks=_counts(table, columns.clicks),
        weight=weight,
        dates=dates,
        notes=tuple(note for note in (unread, dates.note) if note),
        texts=lambda name, row: str(table[name][row].as_py()),
    )


def refuse(rows: Rows, columns: Columns) -> tuple[BoolArray, list[Refused]]:
    """Return which rows are data, and the others with the first thing wrong in each."""
    whole = f"must be a whole number from 0 to {LARGEST_COUNT}"
    checks = [
        (rows.test < 0, columns.test, "must name the test"),
        (rows.arm < 0, columns.arm, "must name the arm"),
        (~_is_whole(rows.impressions), columns.impressions, whole),
        (~_is_whole(rows.clicks), columns.clicks, whole),
        (rows.clicks > rows.impressions, columns.clicks, f"must be at most {columns.impressions}"),
        (~(rows.weight > 0), columns.weight, "must be over 0"),
    ]
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


def _repeated(rows: Rows, good: BoolArray) -> list[Refused]:
    """Take rows that repeat another in every column out of the good ones, and return them."""
    place = np.flatnonzero(good)
    _, first, group = np.unique(rows.whole[place], return_index=True, return_inverse=True)
    original = first[group]
    again = original != np.arange(len(place))
    good[place[again]] = False
    return [
        Refused(int(rows.number[row]), f"equal to row {rows.number[of]} in every column")
        for row, of in zip(place[again], place[original[again]], strict=True)
    ]


def _arms(table: pa.Table, columns: Columns, test: IntArray) -> tuple[IntArray, list[str]]:
    if columns.arm:
        return _codes(table[columns.arm])
    arm = _place_within(test)  # the row's place within its test is its arm's name
    return arm, [str(place + 1) for place in range(int(arm.max(initial=-1)) + 1)]


def _weights(table: pa.Table, columns: Columns) -> tuple[FloatArray, str]:
    """Return promised shares, and a note where none of the column can be read."""
    if not columns.weight:
        return np.ones(table.num_rows), ""
    weights = _numbers(table[columns.weight], percent=True)
    if table.num_rows and np.all(weights == NOT_A_NUMBER):
        written = str(table[columns.weight][0].as_py())
        why = f"{columns.weight} == {written!r} is no number: the column is left out"
        return np.ones(table.num_rows), f"{why}, and shares are taken as equal"
    return weights, ""


def _counts(table: pa.Table, name: str) -> FloatArray:
    column = table[name]
    if _is_text(column):
        grouped = pc.match_substring_regex(pc.utf8_trim_whitespace(column), _GROUPED)
        if pc.any(grouped).as_py():
            row = pc.index(grouped, pa.scalar(value=True)).as_py()
            raise CountsError(
                f"{name} == {column[row].as_py()!r} may be a number with decimals or one of "
                "thousands: write whole numbers, with digits alone"
            )
    return _numbers(column)


def _numbers(column: pa.ChunkedArray, *, percent: bool = False) -> FloatArray:
    """Return numbers, NOT_A_NUMBER where there is none; with `percent` 50% is 0.5."""
    scale = np.ones(len(column))
    if _is_text(column):
        text = pc.utf8_trim_whitespace(column)
        if percent:
            marked = pc.fill_null(pc.match_substring_regex(text, _PERCENT), fill_value=False)
            scale[marked.to_numpy()] = 0.01
            text = pc.if_else(marked, pc.replace_substring_regex(text, r"\s*%$", ""), text)
        numeric = pc.match_substring_regex(text, _NUMBER)
        column = pc.if_else(numeric, text, pa.scalar(None, text.type))
    numbers = pc.fill_null(pc.cast(column, pa.float64(), safe=False), NOT_A_NUMBER)
    filled: FloatArray = np.nan_to_num(numbers.to_numpy(), nan=NOT_A_NUMBER)
    return filled * scale


def _is_text(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_string(column.type) or pa.types.is_large_string(column.type))


def _is_whole(numbers: FloatArray) -> BoolArray:
    whole: BoolArray = (numbers >= 0) & (numbers <= LARGEST_COUNT) & (numbers == np.floor(numbers))
    return whole


def _codes(column: pa.ChunkedArray) -> tuple[IntArray, list[str]]:
    """Return each text's number in the order of appearance, -1 where there is none, and texts."""
    text = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    text = pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)
    coded = pc.dictionary_encode(text.combine_chunks())
    indices = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    return indices.astype(np.int64), coded.dictionary.to_pylist()


def _cells(column: pa.ChunkedArray) -> IntArray:
    """Return a code for each cell, equal for equal cells, (N,); lists are not compared."""
    if pa.types.is_nested(column.type):
        return np.arange(len(column))
    indices = pc.dictionary_encode(column.combine_chunks()).indices
    return np.asarray(pc.fill_null(indices, -1).to_numpy(zero_copy_only=False), dtype=np.int64)


def _joined(parts: list[IntArray], count: int) -> IntArray:
    """Return one number for each combination of codes, (N,)."""
    joined = np.zeros(count, dtype=np.int64)
    for codes in parts:
        _, joined = np.unique(joined * (codes.max(initial=0) + 2) + codes, return_inverse=True)
    return joined


def _all_absent(parts: list[IntArray], count: int) -> BoolArray:
    absent = np.ones(count, dtype=bool)
    for codes in parts:
        absent &= codes < 0
    return absent


def _place_within(codes: IntArray) -> IntArray:
    """Return how many earlier rows have the same code, (N,)."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    starts = np.searchsorted(ordered, ordered)
    places = np.empty(len(codes), dtype=np.int64)
    places[order] = np.arange(len(codes)) - starts
    return places
