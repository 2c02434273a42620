"""An archive's analysis, its text and its document."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from experiments.analysis.stats.errors import InputError
from experiments.studies.historical.analysis import Analysis, analyse
from experiments.studies.historical.document import as_json
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
    assert "two arms             5%" in text
    assert "Clicks vary 1.0" in text
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
    assert document["effects"]["noise"] == max(analysis.same_creative.dispersion.value, 1)
    lifts = analysis.effects.lifts
    assert lifts is not None
    assert [effect["shrunk"] for effect in effects] == lifts.lift.tolist()
    verdicts = {1: "better", 0: None, -1: "worse"}
    expected = [verdicts[sign] for sign in lifts.declared().tolist()]
    assert [effect["verdict"] for effect in effects] == expected


def test_without_dates_weeks_are_not_checked(upworthy: tuple[Reading, Analysis]) -> None:
    archive, _ = draw(Truth(tests=30), seed=1)
    none = np.full(30, np.datetime64("NaT", "D"))
    analysis = analyse(replace(archive, began=none))
    assert analysis.weeks is None
    reading = replace(upworthy[0], archive=analysis.archive)
    assert "No dates: weeks are not checked" in as_text(reading, analysis)
    assert json.loads(as_json(reading, analysis))["weeks"] is None


def test_a_test_without_a_date_is_counted_in_no_week(upworthy: tuple[Reading, Analysis]) -> None:
    archive, _ = draw(Truth(tests=30), seed=1)
    began = archive.began.copy()
    began[4] = np.datetime64("NaT")
    analysis = analyse(replace(archive, began=began))
    assert analysis.weeks is not None
    assert analysis.weeks.undated == 1
    assert analysis.weeks.tests.sum() == 29
    text = as_text(replace(upworthy[0], archive=analysis.archive), analysis)
    assert "1 test without a date, in no week" in text


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


def counts(folder: Path, rows: str) -> tuple[Reading, Analysis]:
    (folder / "counts.csv").write_text("test,arm,impressions,clicks\n" + rows)
    reading = read_counts(folder / "counts.csv")
    return reading, analyse(reading.archive)


def test_what_is_not_known_has_a_reason_and_no_figure(tmp_path: Path) -> None:
    rows = "t1,a,1000,0\nt1,b,1000,0\nt2,a,1000,0\nt2,b,1000,12\nt3,a,0,0\nt3,b,1000,12\n"
    found = counts(tmp_path, rows)
    text = as_text(*found)
    assert "nan" not in text
    assert "1 pair without a click in either arm: nothing is known of them" in text
    assert "too few tests with clicks to learn from: 1, at least 10 are needed" in text
    assert "the control has no clicks" in text
    tests = json.loads(as_json(*found))["tests"]
    effects = [test["arms"][1]["effect"] for test in tests]
    assert [effect and effect["reason"] for effect in effects] == [
        "neither arm has clicks", "the control has no clicks", None,
    ]  # fmt: skip
    assert {effects[0][name] for name in ("raw", "raw_low", "raw_high")} == {None}
    assert "shrunk" not in effects[0]


def test_a_pair_without_clicks_has_no_figure_among_many_tests_either(tmp_path: Path) -> None:
    many = "".join(f"t{i},a,900,{40 + i}\nt{i},b,900,{50 - i}\n" for i in range(12))
    reading, analysis = counts(tmp_path, many + "z,a,900,0\nz,b,900,0\n")
    assert analysis.effects.lifts is not None
    effect = json.loads(as_json(reading, analysis))["tests"][-1]["arms"][1]["effect"]
    assert effect["reason"] == "neither arm has clicks"
    assert (effect["shrunk"], effect["low"], effect["better"]) == (None, None, None)
    assert "\n  z " not in as_text(reading, analysis)


def test_few_tests_stand_for_themselves(tmp_path: Path) -> None:
    text = as_text(*counts(tmp_path, "ad,control,4071,264\nad,exposed,4006,308\n"))
    assert "ad      exposed  control    +18.6%  +1.2% to +38.9%" in text
    assert "No verdicts: too few tests" in text
    assert "wrong signs" not in text


def test_shares_that_change_with_the_day_are_told(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    days = "t,a,2024-01-01,60000,600\nt,b,2024-01-01,40000,360\n"
    days += "t,a,2024-01-02,40000,4000\nt,b,2024-01-02,60000,5400\n"
    path.write_text("test,arm,date,impressions,clicks\n" + days)
    reading = read_counts(path)
    analysis = analyse(reading.archive)
    assert analysis.effects.raw.value == pytest.approx([-0.1])
    assert "1 pair with shares that change with the day: compared within days" in as_text(
        reading, analysis
    )
    path.write_text(path.read_text().replace("2024-01-02,60000", "2024-01-02,160000"))
    reading = read_counts(path)
    text = as_text(reading, analyse(reading.archive))
    assert "In 1 of the mismatched the arms' shares change with the day" in text
    assert "name each day's promise by --weight" in text


def test_promises_may_change_with_the_day(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        "test,arm,date,impressions,clicks,weight\n"
        "t,a,2024-01-01,95000,950,95%\nt,b,2024-01-01,5000,45,5%\n"
        "t,a,2024-01-02,50000,5000,50%\nt,b,2024-01-02,50000,4500,50%\n"
    )
    analysis = analyse(read_counts(path).archive)
    assert not analysis.ratios.mismatched.any()
    assert analysis.effects.raw.value == pytest.approx([-0.1])


def test_the_noise_of_true_nulls_is_in_the_effects() -> None:
    archive, _ = draw(Truth(tests=900, same=0.3), seed=23)
    rng = np.random.default_rng(23)
    rate, n = archive.clicks / archive.impressions, archive.impressions
    same = np.bincount(archive.test, weights=archive.creative == 0) > 1
    rate = np.where(same[archive.test], rate[archive.first_arm()][archive.test], rate)
    rate = np.clip(rate, 0.004, 1)
    clicks = rng.binomial(n, rng.beta(rate * (n - 2), (1 - rate) * (n - 2)))
    noisy = analyse(replace(archive, clicks=clicks))
    assert noisy.same_creative.dispersion.value == pytest.approx(2, abs=0.25)
    unaware = analyse(replace(archive, clicks=clicks, creative=np.full(len(n), -1)))
    ratio = np.log1p(noisy.effects.raw.high) - np.log1p(noisy.effects.raw.low)
    ratio /= np.log1p(unaware.effects.raw.high) - np.log1p(unaware.effects.raw.low)
    assert np.nanmedian(ratio) == pytest.approx(np.sqrt(2), abs=0.1)
