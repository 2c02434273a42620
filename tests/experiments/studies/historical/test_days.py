"""Dates as people write them."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from experiments.studies.historical.days import Dates, read_dates


def dates(*texts: str | None, name: str = "date") -> Dates:
    return read_dates(pa.chunked_array([list(texts)], pa.string()), name)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2014-01-31", "2014-01-31"),
        ("2014-01-31 06:43:16.005", "2014-01-31"),
        ("2014-01-31T10:00Z", "2014-01-31"),
        ("2014/1/31", "2014-01-31"),
        ("20140131", "2014-01-31"),
        ("31.01.2014", "2014-01-31"),
        ("31.1.14", "2014-01-31"),
        ("31/01/2014", "2014-01-31"),
        ("01/31/2014 10:00", "2014-01-31"),
        ("31 Jan 2014", "2014-01-31"),
        ("January 31, 2014", "2014-01-31"),
        ("Fri, 31 Jan 2014", "2014-01-31"),
        ("Friday, January 31, 2014", "2014-01-31"),
        ("2013-W25", "2013-06-17"),
        ("2013W25", "2013-06-17"),
        ("201325", "2013-06-17"),
    ],
)
def test_one_day_in_many_notations(text: str, day: str) -> None:
    found = dates(text, "")
    assert found.day[0] == np.datetime64(day)
    assert found.note == "date: rows without a date that can be read: 1"
    assert found.stratum[0] >= 0 > found.stratum[1]


def test_a_column_decides_whether_the_day_comes_first() -> None:
    first, second = dates("13/02/2014", "03/04/2014"), dates("02/13/2014", "03/04/2014")
    assert first.day.tolist() == [date(2014, 2, 13), date(2014, 4, 3)]
    assert second.day.tolist() == [date(2014, 2, 13), date(2014, 3, 4)]
    assert dates("01/01/2014", "02/02/2014").note == ""


@pytest.mark.parametrize(
    ("texts", "name", "doubt"),
    [
        (("01/02/2014", "03/04/2014"), "date", "'01/02/2014' may mean two dates"),
        (("13/02/2014", "02/14/2014", "01/02/2014"), "date", "'01/02/2014' may mean two dates"),
        (("201301", "201312"), "date", "'201301' may mean two dates"),
        (("Sat, Oct 11", "Sun, Oct 12"), "date", "no year is given"),
    ],
)
def test_what_may_mean_two_days_tells_days_apart_and_no_weeks(
    texts: tuple[str, ...], name: str, doubt: str
) -> None:
    found = dates(*texts, name=name)
    assert np.isnat(found.day).all()
    assert len(set(found.stratum)) == len(texts)
    assert doubt in found.note
    assert found.note.endswith("so that weeks are not checked")


def test_a_column_of_weeks_holds_weeks() -> None:
    assert dates("201312", name="test_week").day[0] == np.datetime64("2013-03-18")


def test_a_column_without_dates_is_left_out_with_a_word() -> None:
    found = dates(None, "1", "2", name="week")
    assert np.isnat(found.day).all()
    assert found.stratum.tolist() == [-1, -1, -1]
    assert found.note == (
        "week == '1' is no date known here, such as 2014-01-31: the column is left out"
    )


def test_timestamps_are_days_already() -> None:
    moments = pa.chunked_array([[datetime(2014, 1, 31, 5, tzinfo=UTC), None]])
    found = read_dates(moments, "date")
    assert found.day[0] == np.datetime64("2014-01-31")
    assert found.stratum.tolist() == [16101, -1]


def test_impossible_days_are_none() -> None:
    assert dates("2014-02-28", "2014-02-30").stratum.tolist()[1] == -1
