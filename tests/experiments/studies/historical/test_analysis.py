"""An archive's analysis, its text and its document."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.analysis.stats.errors import InputError
from experiments.studies.historical.analysis import Analysis, analyse
from experiments.studies.historical.document import as_document, as_json
from experiments.studies.historical.reading import Reading, read_counts
from experiments.studies.historical.records import Archive
from experiments.studies.historical.text import as_text
from tests.experiments.studies.historical.made_up import Truth, draw, write_as_upworthy

BROKEN = Truth(tests=900, broken=(22, 33), same=0.3)


@pytest.fixture(scope="module")
def upworthy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Reading, Analysis]:
    path = tmp_path_factory.mktemp("archive") / "packages.csv"
    write_as_upworthy(draw(BROKEN, seed=21)[0], path)
    reading = read_counts(path)
    return reading, analyse(reading.archive)


def test_broken_tests_are_in_no_estimate(upworthy: tuple[Reading, Analysis]) -> None:
    _, analysis = upworthy
    assert analysis.weeks is not None
    (window,) = analysis.weeks.windows
    assert analysis.in_window.sum() == window.tests
    assert not analysis.trusted[analysis.in_window].any()
    assert not analysis.trusted[analysis.ratios.mismatched].any()
    assert analysis.trusted[analysis.archive.test[analysis.effects.arm]].all()


def test_the_text_tells_the_window(upworthy: tuple[Reading, Analysis]) -> None:
    text = as_text(*upworthy)
    assert "weeks of 2013-06-24 to 2013-09-09" in text
    assert "Refused: 0 rows" in text
    assert "at a nominal 5%" in text
    assert "With at most 5% wrong signs" in text


def test_a_window_is_compared_with_the_tests_outside_all_windows(
    upworthy: tuple[Reading, Analysis],
) -> None:
    archive, _ = draw(Truth(tests=900), seed=22)
    week = archive.weeks() - archive.weeks().min()
    broken = ((week >= 8) & (week <= 13)) | ((week >= 40) & (week <= 46))
    first = np.isin(np.arange(len(archive.arms)), archive.first_arm())
    served = np.where(broken[archive.test] & first, 2, 1) * archive.impressions
    analysis = analyse(replace(archive, impressions=served))
    assert analysis.weeks is not None
    assert len(analysis.weeks.windows) == 2
    text = as_text(replace(upworthy[0], archive=analysis.archive), analysis)
    assert text.count("100.0% of them mismatched, 0.0% of those outside all windows") == 2


def test_the_document_holds_every_test_and_arm(upworthy: tuple[Reading, Analysis]) -> None:
    reading, analysis = upworthy
    document = json.loads(as_json(reading, analysis))
    assert len(document["tests"]) == 900
    arms = [arm for test in document["tests"] for arm in test["arms"]]
    assert sum(arm["impressions"] for arm in arms) == reading.archive.impressions.sum()
    effects = [arm["effect"] for arm in arms if arm["effect"]]
    assert len(effects) == len(analysis.effects.arm)
    (window,) = document["weeks"]["windows"]
    assert (window["first"], window["last"]) == ("2013-06-24", "2013-09-09")
    assert sum(week["tests"] for week in document["weeks"]["weeks"]) == 900
    assert document["same_creative"]["rates"][0]["nominal"] == 0.05


def test_without_dates_weeks_are_not_checked(upworthy: tuple[Reading, Analysis]) -> None:
    archive, _ = draw(Truth(tests=30), seed=1)
    none = np.full(30, np.datetime64("NaT", "D"))
    analysis = analyse(replace(archive, began=none))
    assert analysis.weeks is None
    reading = replace(upworthy[0], archive=analysis.archive)
    assert "No dates: weeks are not checked" in as_text(reading, analysis)
    assert as_document(reading, analysis)["weeks"] is None


def test_a_test_without_a_date_is_counted_in_no_week() -> None:
    archive, _ = draw(Truth(tests=30), seed=1)
    began = archive.began.copy()
    began[4] = np.datetime64("NaT")
    weeks = analyse(replace(archive, began=began)).weeks
    assert weeks is not None
    assert weeks.undated == 1
    assert weeks.tests.sum() == 29


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clicks": np.array([0, 9, 0, 0])}, "clicks must be at most the impressions"),
        ({"weights": np.array([1.0, 0.0, 1.0, 1.0])}, "weights must be over 0"),
        ({"test": np.array([0, 0, 0, 1])}, "test must ascend from 0, with at least two arms"),
        ({"test": np.array([0, 1, 0, 1])}, "test must ascend"),
        ({"impressions": np.array([-1, 1, 1, 1])}, "impressions has -1"),
    ],
)
def test_an_archive_checks_itself(change: dict[str, Any], message: str) -> None:
    good = Archive(
        ("a", "b"), np.array(["2014-01-06"] * 2, "datetime64[D]"), np.array([0, 0, 1, 1]),
        ("x", "y", "x", "y"), np.full(4, 5), np.zeros(4, np.int64), np.ones(4), np.full(4, -1),
    )  # fmt: skip
    with pytest.raises(InputError, match=message):
        replace(good, **change)


def test_long_lists_are_cut_and_say_so(tmp_path: Path) -> None:
    rows = "".join(f"t{i},x,9,10\n" for i in range(15))
    path = tmp_path / "counts.csv"
    path.write_text("test,arm,impressions,clicks\na,x,900,40\na,y,900,50\n" + rows)
    reading = read_counts(path)
    text = as_text(reading, analyse(reading.archive))
    assert "Refused: 15 rows" in text
    assert "row 3: clicks == '10', must be at most impressions" in text
    assert "and 5 more" in text
