"""Dates as people write them become days; what may mean two days is not guessed at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.analysis.stats.records import IntArray
from experiments.studies.historical.records import Days

_TIME_OF_DAY = r"[T ]\s*\d{1,2}:\d{2}.*$"
_WEEKDAY = r"(?i)^(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+"

Notation = tuple[tuple[str, str], ...]  # patterns, each with the format that strptime reads it by
_WEEKS: Notation = ((r"\d{4}-?W\d{2}", "week"), (r"\d{6}", "week"))
_MONTHS: Notation = ((r"\d{6}", "%Y%m"),)
_NOTATIONS: tuple[Notation, ...] = (
    (
        (r"\d{4}-\d{2}-\d{2}", "%Y-%m-%d"),
        (r"\d{4}/\d{1,2}/\d{1,2}", "%Y/%m/%d"),
        (r"\d{4}\.\d{1,2}\.\d{1,2}", "%Y.%m.%d"),
        (r"\d{8}", "%Y%m%d"),
    ),
    (
        (r"\d{1,2}\.\d{1,2}\.\d{4}", "%d.%m.%Y"),
        (r"\d{1,2}\.\d{1,2}\.\d{2}", "%d.%m.%y"),
        (r"\d{1,2}/\d{1,2}/\d{4}", "%d/%m/%Y"),
        (r"\d{1,2}-\d{1,2}-\d{4}", "%d-%m-%Y"),
    ),
    ((r"\d{1,2}/\d{1,2}/\d{4}", "%m/%d/%Y"), (r"\d{1,2}-\d{1,2}-\d{4}", "%m-%d-%Y")),
    (
        (r"\d{1,2} [A-Za-z]{3} \d{4}", "%d %b %Y"),
        (r"\d{1,2} [A-Za-z]{4,} \d{4}", "%d %B %Y"),
        (r"[A-Za-z]{3} \d{1,2} \d{4}", "%b %d %Y"),
        (r"[A-Za-z]{4,} \d{1,2} \d{4}", "%B %d %Y"),
    ),
    _WEEKS,
    _MONTHS,
)
# Read with a leap year set before them, in which there is a 29th of February.
_WITHOUT_A_YEAR: Notation = (
    (r"2000 \d{1,2} [A-Za-z]{3}", "%Y %d %b"),
    (r"2000 \d{1,2} [A-Za-z]{4,}", "%Y %d %B"),
    (r"2000 [A-Za-z]{3} \d{1,2}", "%Y %b %d"),
    (r"2000 [A-Za-z]{4,} \d{1,2}", "%Y %B %d"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Dates:
    """A column of dates.

    Attributes:
        day: datetime64[D] (N,), NaT where it is not known.
        stratum: a number that is equal for rows of the same day and of no other, (N,); -1 where
            there is no date. It is known also where the day is not, for want of a year, say.
        note: what could not be read, in a sentence; empty where all was.
    """

    day: Days
    stratum: IntArray
    note: str = ""


def no_dates(rows: int, note: str = "") -> Dates:
    """Return what is known of rows without dates."""
    return Dates(np.full(rows, np.datetime64("NaT", "D")), np.full(rows, -1), note)


def read_dates(column: pa.ChunkedArray, name: str) -> Dates:
    """Read a column of dates, timestamps or texts; times of day are of no matter.

    Args:
        column: of N rows.
        name: of the column; where it speaks of weeks, 201312 is the twelfth week, no month.
    """
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        day: Days = column.to_numpy().astype("datetime64[D]")
        return Dates(day, np.where(np.isnat(day), -1, day.astype(np.int64)))
    coded = pc.dictionary_encode(_tidy(column).combine_chunks())
    code = pc.fill_null(coded.indices, -1).to_numpy(zero_copy_only=False)
    texts: list[str] = coded.dictionary.to_pylist()
    days, doubt = _parse([text for text in texts if text], weeks="week" in name.lower())
    if not days:
        written = next((str(cell) for cell in column.to_pylist() if cell not in {None, ""}), "")
        why = f"{name} == {written!r} is no date known here, such as 2014-01-31"
        return no_dates(len(code), f"{why}: the column is left out")
    of_text = np.array([days.get(text, np.datetime64("NaT")) for text in [*texts, ""]], "M8[D]")
    day = of_text[code]
    stratum = np.where(np.isnat(day), -1, day.astype(np.int64))
    unread = int((stratum < 0).sum())
    notes = [f"rows without a date that can be read: {unread:,}"] if unread else []
    if doubt:
        day, notes = np.full(len(day), np.datetime64("NaT", "D")), [*notes, doubt]
    return Dates(day, stratum, f"{name}: {'; '.join(notes)}" if notes else "")


def _tidy(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return texts without weekday, time of day and commas: "Sat, Oct 11" as "Oct 11"."""
    text = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
    for unwanted, instead in ((_WEEKDAY, ""), (_TIME_OF_DAY, ""), (r"[,\s]+", " ")):
        text = pc.replace_substring_regex(text, unwanted, instead)
    return pc.utf8_trim_whitespace(text)


def _parse(texts: list[str], *, weeks: bool) -> tuple[dict[str, date], str]:
    """Return the days of texts that can be read, and why they only tell days apart, if so."""
    notations = [n for n in _NOTATIONS if not (weeks and n is _MONTHS)]
    readings = [_read_by(notation, texts) for notation in notations]
    best = max(readings, key=len)
    if not best:
        yearless = _read_by(_WITHOUT_A_YEAR, [f"2000 {text}" for text in texts])
        days = {text.removeprefix("2000 "): day for text, day in yearless.items()}
        return days, "no year is given, so that weeks are not checked"
    disputed = next((text for other in readings for text in _disputed(best, other)), "")
    if disputed:
        return best, f"{disputed!r} may mean two dates, so that weeks are not checked"
    return best, ""


def _disputed(best: dict[str, date], other: dict[str, date]) -> Iterable[str]:
    """Return what two notations read differently, where the second reads as well as the first."""
    as_good = len(other) == len(best) or other.keys() - best.keys()
    return [text for text, day in other.items() if as_good and best.get(text, day) != day]


def _read_by(notation: Notation, texts: list[str]) -> dict[str, date]:
    days = {}
    for text in texts:
        for pattern, form in notation:
            if re.fullmatch(pattern, text) and (day := _day(text, form)):
                days[text] = day
    return days


def _day(text: str, form: str) -> date | None:
    if form == "week":
        text, form = f"{text[:4]} {text[-2:]} 1", "%G %V %u"
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007  a day has no zone
    except ValueError:
        return None
