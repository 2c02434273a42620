import csv
import io
from math import nan

import pytest

from experiments.analysis.spreadsheet import as_csv


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize(
    "text", ["=1+1", "+49", "-1", "@cmd", "\tx", "007", "1e5", "2026-10-01", "3/4", "1,000", "12-a"]
)
def test_text_that_a_spreadsheet_would_read_as_something_else_stays_text(text: str) -> None:
    assert cells(as_csv(["id"], [[text]]))[1] == [f"'{text}"]


@pytest.mark.parametrize("text", ["v12", "a clip, in 2 parts", "Ängste", "x=1", "e5", "12 monkeys"])
def test_other_text_is_as_it_is(text: str) -> None:
    assert cells(as_csv(["id"], [[text]]))[1] == [text]


def test_numbers_are_plain_and_what_is_undefined_is_empty() -> None:
    text = as_csv(["a", "b", "c", "d"], [[-0.5, 12, nan, None]])
    assert text.startswith("\ufeffa,b,c,d\r\n")
    assert cells(text)[1] == ["-0.5", "12", "", ""]
