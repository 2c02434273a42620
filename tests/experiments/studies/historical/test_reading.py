"""Files of counts: what is read, and what is refused with its row and reason."""

from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings

from experiments.errors import CountsError
from experiments.studies.historical.columns import Columns
from experiments.studies.historical.reading import Reading, read_counts
from tests.experiments.studies.historical.made_up import Truth, draw, write_as_upworthy

HEAD = "test,arm,impressions,clicks,date\n"
GOOD = "a,x,1000,10,2014-01-01\na,y,1000,12,2014-01-01\n"


def read(folder: Path, text: str, columns: Columns | None = None) -> Reading:
    path = folder / "counts.csv"
    path.write_text(text, encoding="utf-8")
    return read_counts(path, columns)


def test_days_of_an_arm_are_added_up(tmp_path: Path) -> None:
    archive = read(tmp_path, HEAD + GOOD + "a,x,500,5,2013-12-31\n").archive
    assert archive.names == ("a",)
    assert archive.arms == ("x", "y")
    assert archive.impressions.tolist() == [1500, 1000]
    assert archive.clicks.tolist() == [15, 12]
    assert archive.began[0] == np.datetime64("2013-12-31")


def test_parquet_is_read_as_csv_is(tmp_path: Path) -> None:
    rows = {
        "test": [7, 7, 8, 8],
        "arm": ["x", "y", "x", "y"],
        "impressions": [100.0, 110.0, None, 90.0],
        "clicks": [1, 2, 3, 4],
        "date": pa.array([np.datetime64("2014-01-01", "us")] * 4),
    }
    pyarrow.parquet.write_table(pa.table(rows), tmp_path / "counts.parquet")
    reading = read_counts(tmp_path / "counts.parquet")
    assert reading.archive.names == ("7",)
    assert reading.archive.impressions.tolist() == [100, 110]
    assert reading.archive.began[0] == np.datetime64("2014-01-01")
    assert [(r.row, r.reason[:20]) for r in reading.refused] == [(3, "impressions == 'None")]
    assert (reading.lone, reading.lone_rows) == (("8",), 1)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",x,9,1,2014-01-01", "test == '', must name the test"),
        ("b, ,9,1,2014-01-01", "arm == ' ', must name the arm"),
        ("b,x,nine,1,2014-01-01", "impressions == 'nine', must be a whole number"),
        ("b,x,9.5,1,2014-01-01", "impressions == '9.5', must be a whole number"),
        ("b,x,-9,1,2014-01-01", "impressions == '-9', must be a whole number from 0"),
        ("b,x,9,,2014-01-01", "clicks == '', must be a whole number"),
        ("b,x,9,nan,2014-01-01", "clicks == 'nan', must be a whole number"),
        ("b,x,9,10,2014-01-01", "clicks == '10', must be at most impressions"),
        ("a,y,1000,12,2014-01-01", "equal to row 2 in every column"),
        ("b,x,9,1", "4 cells, must be 5"),
        ("b,x,9,1,2014-01-01,more", "6 cells, must be 5"),
    ],
)
def test_a_bad_row_is_refused_and_the_others_are_read(
    tmp_path: Path, row: str, reason: str
) -> None:
    reading = read(tmp_path, HEAD + GOOD + row + "\nc,x,5,1,2014-01-01\nc,y,5,1,2014-01-01\n")
    (refused,) = reading.refused
    assert refused.row == 3
    assert refused.reason.startswith(reason)
    assert reading.archive.names == ("a", "c")
    assert reading.rows == 5


def test_rows_that_differ_in_any_column_are_added_up(tmp_path: Path) -> None:
    """By device, hour, week or user: 350 of 4,000 against 220 of 4,000 clicks."""
    text = (
        "test,arm,device,impressions,clicks\n"
        "t1,a,desktop,1000,50\nt1,a,phone,3000,300\nt1,b,desktop,1000,70\nt1,b,phone,3000,150\n"
    )
    for column in ("device", "week", "user"):
        reading = read(tmp_path, text.replace("device", column))
        assert reading.refused == ()
        assert reading.archive.impressions.tolist() == [4000, 4000]
        assert reading.archive.clicks.tolist() == [350, 220]
    hours = text.replace("device", "date").replace("desktop", "2024-01-01 00:00")
    archive = read(tmp_path, hours.replace("phone", "2024-01-01 01:00")).archive
    assert archive.clicks.tolist() == [350, 220]


def test_a_row_a_user_is_added_up(tmp_path: Path) -> None:
    users = "".join(f"{u},gate,{'ab'[u % 2]},1,{int(u < 900)}\n" for u in range(2000))
    reading = read(tmp_path, "user,test,arm,impressions,clicks\n" + users)
    assert reading.archive.impressions.tolist() == [1000, 1000]
    assert reading.archive.clicks.tolist() == [450, 450]
    assert not reading.too_many_refused


def test_equal_rows_of_a_user_each_are_too_many_refusals(tmp_path: Path) -> None:
    reading = read(tmp_path, "test,arm,impressions,clicks\na,x,9,1\na,y,9,1\n" + "a,x,1,1\n" * 9)
    assert len(reading.refused) == 8
    assert reading.too_many_refused


def test_one_row_in_ten_may_be_refused(tmp_path: Path) -> None:
    rows = "".join(f"t{i // 2},{i % 2},9,1\n" for i in range(18))
    text = "test,arm,impressions,clicks\n" + rows + "t1,2,9,10\n"
    assert not read(tmp_path, text + "t2,2,9,10\n").too_many_refused
    assert read(tmp_path, text + "t2,2,9,10\nt3,2,9,10\n").too_many_refused


def test_an_arm_whose_rows_show_different_things_has_no_one_creative(tmp_path: Path) -> None:
    text = "test,arm,impressions,clicks,creative\na,x,9,1,p\na,x,8,1,q\na,y,9,1,p\na,z,9,1,p\n"
    assert read(tmp_path, text).archive.creative.tolist() == [-1, 0, 0]


def test_a_date_that_cannot_be_read_refuses_no_row(tmp_path: Path) -> None:
    reading = read(tmp_path, HEAD + GOOD + "b,x,9,1,soon\nb,y,9,1,soon\n")
    assert reading.refused == ()
    assert reading.notes == ("date: rows without a date that can be read: 2",)
    assert reading.archive.names == ("a", "b")
    assert np.isnat(reading.archive.began).tolist() == [False, True]


def test_line_breaks_in_a_cell_do_not_shift_the_rows(tmp_path: Path) -> None:
    head = "test,arm,impressions,clicks,note\n"
    text = head + 'a,x,9,1,"two\n\nlines"\na,y,9,1,\nb,x,1\na,z,8,9,\n'
    refused = read(tmp_path, text).refused
    assert [each.row for each in refused] == [3, 4]


def test_whole_numbers_may_be_written_as_decimals(tmp_path: Path) -> None:
    archive = read(
        tmp_path, HEAD + "a,x, 1e3 ,10.0,2014-01-01\na,y,+9.,1,2014-01-01T10:00\n"
    ).archive
    assert archive.impressions.tolist() == [1000, 9]


def test_weights_and_creatives_are_read(tmp_path: Path) -> None:
    text = "test,arm,impressions,clicks,weight,picture\na,x,9,1,3,p\na,y,9,1,1,p\na,z,9,1,0,q\n"
    reading = read(tmp_path, text, Columns(creative=("picture",)))
    assert reading.archive.weights[0] == 3 * reading.archive.weights[1]
    assert reading.archive.creative[0] == reading.archive.creative[1]
    assert reading.refused[0].reason == "weight == '0', must be over 0"
    assert np.isnat(reading.archive.began[0])


def test_the_upworthy_layout_is_read_as_it_is(tmp_path: Path) -> None:
    drawn, _ = draw(Truth(tests=50, same=0.5), seed=3)
    write_as_upworthy(drawn, tmp_path / "packages.csv")
    reading = read_counts(tmp_path / "packages.csv")
    assert reading.refused == ()
    assert reading.unused == ("", "updated_at", "excerpt", "winner", "test_week")
    assert reading.notes == ()
    archive = reading.archive
    assert archive.names == drawn.names
    assert archive.arms == drawn.arms
    assert np.array_equal(archive.impressions, drawn.impressions)
    assert np.array_equal(archive.clicks, drawn.clicks)
    assert np.array_equal(archive.began, drawn.began)
    same = archive.creative[1:] == archive.creative[:-1]
    within = archive.test[1:] == archive.test[:-1]
    assert np.array_equal(same & within, (drawn.creative[1:] == drawn.creative[:-1]) & within)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("counts.xlsx", b"", "must end in .csv, .tsv, .txt or .parquet"),
        ("counts.csv", b"", "cannot be read: Empty CSV file"),
        ("counts.parquet", b"no parquet", "cannot be read: .*Parquet magic bytes"),
        ("counts.csv", HEAD.encode(), "has no test with two arms and good rows$"),
        ("counts.csv", HEAD.encode() + b"a,x,1,2,2014-01-01\n", "good rows; row 1: clicks == '2'"),
    ],
)
def test_a_file_that_is_no_archive_is_refused(
    tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CountsError, match=message):
        read_counts(tmp_path / name)


def test_a_column_that_holds_no_numbers_is_refused(tmp_path: Path) -> None:
    rows = {"test": ["a"], "arm": ["x"], "impressions": [[1, 2]], "clicks": [1]}
    pyarrow.parquet.write_table(pa.table(rows), tmp_path / "counts.parquet")
    with pytest.raises(CountsError, match="cannot be read"):
        read_counts(tmp_path / "counts.parquet")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CountsError, match="No such file"):
        read_counts(tmp_path / "counts.csv")


cell = st.sampled_from(["a", "b", "1", "2", "30", "x", "", "2014-01-01", "-1", "4.5"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.lists(st.lists(cell, min_size=4, max_size=6), max_size=12))
def test_no_row_is_lost(tmp_path: Path, rows: list[list[str]]) -> None:
    text = HEAD + GOOD + "".join(",".join(row) + "\n" for row in rows)
    reading = read(tmp_path, text)
    numbers = [each.row for each in reading.refused]
    assert len(set(numbers)) == len(numbers)
    assert reading.rows == 2 + len(rows)
    kept = [row for number, row in enumerate(rows, start=3) if number not in numbers]
    of_archive = [row for row in kept if row[0] in reading.archive.names]
    assert len(kept) - len(of_archive) == reading.lone_rows
    total = 2000 + sum(int(row[2]) for row in of_archive)
    assert reading.archive.clicks.sum() == 22 + sum(int(row[3]) for row in of_archive)
    assert reading.archive.impressions.sum() == total


@pytest.mark.parametrize("part", [b"impressions", b"a long name"])
def test_a_parquet_file_with_a_text_that_is_no_utf_8_is_refused(
    tmp_path: Path, part: bytes
) -> None:
    rows = {"test": ["a long name"], "impressions": [1], "clicks": [0]}
    path = tmp_path / "counts.parquet"
    pa.parquet.write_table(pa.table(rows), path, compression="none", use_dictionary=False,
                           store_schema=False, write_statistics=False)  # fmt: skip
    path.write_bytes(path.read_bytes().replace(part, part[:1] + b"\xab" + part[2:]))
    with pytest.raises(CountsError, match="no UTF-8"):
        read_counts(path)
