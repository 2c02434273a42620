"""Cells of a sheet as numbers, and what is refused."""

import numpy as np
import pyarrow as pa
import pytest

from experiments.errors import CountsError
from experiments.studies.historical.columns import Columns
from experiments.studies.historical.files import Sheet
from experiments.studies.historical.rows import Rows, parse_rows, refuse

COLUMNS = Columns("test", "arm", "impressions", "clicks", weight="weight")


def rows(columns: Columns = COLUMNS, **cells: list[object]) -> Rows:
    table = {"test": ["a", "a"], "arm": ["x", "y"], "impressions": ["9", "8"], "clicks": ["1", "2"]}
    return parse_rows(Sheet(pa.table({**table, "weight": ["1", "1"], **cells})), columns)


@pytest.mark.parametrize("written", ["12.000", "12,000", "1.234.567", " 950,000 "])
def test_a_number_that_may_be_thousands_or_decimals_refuses_the_file(written: str) -> None:
    with pytest.raises(CountsError, match="may be a number with decimals or one of thousands"):
        rows(impressions=["950", written])


@pytest.mark.parametrize(
    ("written", "number"), [("1000.0", 1000), ("0.000", 0), ("1000.000", 1000), ("1e3", 1000)]
)
def test_a_number_that_cannot_be_mistaken_is_read(written: str, number: float) -> None:
    assert rows(impressions=["9", written]).impressions.tolist() == [9, number]


def test_weights_may_be_percentages() -> None:
    assert rows(weight=["50%", "0.5 %"]).weight == pytest.approx([0.5, 0.005])
    assert rows(weight=["50", None]).weight.tolist() == [50, -1]


def test_weights_that_are_no_numbers_are_left_out_with_a_word() -> None:
    found = rows(weight=["half", "half"])
    assert found.weight.tolist() == [1, 1]
    assert found.notes == (
        "weight == 'half' is no number: the column is left out, and shares are taken as equal",
    )


def test_one_weight_that_is_no_number_refuses_its_row() -> None:
    good, refused = refuse(rows(weight=["half", "1"]), COLUMNS)
    assert good.tolist() == [False, True]
    assert refused[0].reason == "weight == 'half', must be over 0"


def test_only_rows_equal_in_every_column_repeat_one_another() -> None:
    same = rows(arm=["x", "x"], impressions=["9", "9"], clicks=["1", "1"])
    assert refuse(same, COLUMNS)[1][0].reason == "equal to row 1 in every column"
    apart = rows(arm=["x", "x"], impressions=["9", "9"], clicks=["1", "1"], user=["1", None])
    assert refuse(apart, COLUMNS)[1] == []
    lists = rows(arm=["x", "x"], impressions=["9", "9"], clicks=["1", "1"], seen=[[1], [1]])
    assert refuse(lists, COLUMNS)[1] == []


def test_rows_that_are_arms_repeat_nothing() -> None:
    each = Columns("test", "", "impressions", "clicks", row_is_arm=True)
    found = rows(each, impressions=["9", "9"], clicks=["1", "1"])
    assert refuse(found, each)[0].all()
    assert np.array_equal(found.arm, [0, 1])
