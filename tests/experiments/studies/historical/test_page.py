"""The page of an archive's analysis."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.studies.historical.analysis import analyse
from experiments.studies.historical.page import as_html, by_week, spread_of_effects
from experiments.studies.historical.reading import read_counts
from experiments.studies.historical.text import as_text
from tests.experiments.studies.historical.made_up import Truth, draw, write_as_upworthy


def test_the_charts_hold_the_analysis() -> None:
    archive, _ = draw(Truth(broken=(22, 33)), seed=5)
    analysis = analyse(archive)
    weeks, lifts = analysis.weeks, analysis.effects.lifts
    assert weeks is not None
    assert lifts is not None
    drawn = by_week(weeks)
    assert list(drawn.data[0].y) == pytest.approx((weeks.mismatched / weeks.tests).tolist())
    (shade,) = drawn.layout.shapes
    assert shade.x0 == "2013-06-24"
    raw, shrunk = spread_of_effects(analysis.effects, lifts).data
    assert sum(raw.y) == (~np.isnan(analysis.effects.raw.value)).sum()
    assert sum(shrunk.y) == len(lifts.lift)


def test_the_page_needs_nothing_from_elsewhere_and_holds_the_text(tmp_path: Path) -> None:
    write_as_upworthy(draw(Truth(tests=60), seed=6)[0], tmp_path / "packages.csv")
    reading = read_counts(tmp_path / "packages.csv")
    analysis = analyse(reading.archive)
    page = as_html(reading, analysis, "a <b>")
    assert "<title>a &lt;b&gt;</title>" in page
    assert as_text(reading, analysis).splitlines()[0] in page
    assert page.count('class="plotly-graph-div"') == 2
    assert "<script src" not in page
    assert "<link" not in page


def test_without_dates_there_is_no_chart_of_weeks() -> None:
    archive, _ = draw(Truth(tests=30), seed=1)
    undated = replace(archive, began=np.full(30, np.datetime64("NaT", "D")))
    analysis = analyse(undated)
    assert analysis.weeks is None


def test_few_tests_without_dates_have_words_alone(tmp_path: Path) -> None:
    (tmp_path / "counts.csv").write_text("test,arm,impressions,clicks\na,x,900,40\na,y,900,50\n")
    reading = read_counts(tmp_path / "counts.csv")
    page = as_html(reading, analyse(reading.archive), "counts.csv")
    assert page.count("<h2>") == 1
    assert "+25.0%" in page
