"""Arms compared over one mix of days, where their shares change with the day."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from experiments.studies.historical.day_mix import PairCounts, pair_counts, shares_change
from experiments.studies.historical.reading import read_counts
from experiments.studies.historical.records import Archive
from tests.experiments.studies.historical.made_up import Truth, draw

HEAD = "test,arm,date,impressions,clicks\n"
# In both days b has 10 % fewer clicks per impression; the good day is mostly b's.
DAYS = """t,a,2024-01-01,60000,600
t,b,2024-01-01,40000,360
t,a,2024-01-02,40000,4000
t,b,2024-01-02,60000,5400
"""


def archive_of(folder: Path, rows: str) -> Archive:
    (folder / "counts.csv").write_text(HEAD + rows)
    return read_counts(folder / "counts.csv").archive


def compared(archive: Archive) -> PairCounts:
    first = archive.first_arm()
    return pair_counts(archive, first, first + 1, shares_change(archive))


def ratio(counts: PairCounts) -> float:
    control, arm = (counts.clicks / counts.impressions)[0]
    return float(arm / control)


def test_arms_are_compared_within_days(tmp_path: Path) -> None:
    archive = archive_of(tmp_path, DAYS)
    assert archive.clicks.tolist() == [4600, 5760]  # which says +25.2 %
    counts = compared(archive)
    assert counts.mixed.all()
    assert ratio(counts) == pytest.approx(0.9)
    assert counts.left_out.tolist() == [0]


def test_rates_are_standardised_to_the_days_of_both_arms(tmp_path: Path) -> None:
    rows = """t,a,2024-01-01,9500,190
t,b,2024-01-01,500,20
t,a,2024-01-02,4000,400
t,b,2024-01-02,4000,320
"""
    counts = compared(archive_of(tmp_path, rows))
    weights = np.array([10_000, 8000]) / 18_000
    of_control = weights @ [190 / 9500, 0.1]
    of_arm = weights @ [20 / 500, 0.08]
    assert counts.clicks / counts.impressions == pytest.approx(np.array([[of_control, of_arm]]))
    variance = weights**2 @ [20 / 500**2, 320 / 4000**2]
    assert counts.clicks[0, 1] == pytest.approx(of_arm**2 / variance)


def test_effective_clicks_have_the_error_of_a_standardised_rate(tmp_path: Path) -> None:
    counts = compared(archive_of(tmp_path, DAYS))
    rng = np.random.default_rng(1)
    a = rng.poisson([600, 4000], (20_000, 2)) / [60_000, 40_000]
    spread = np.std(np.log(a.mean(axis=1)))  # both days have 100,000 impressions
    assert 1 / np.sqrt(counts.clicks[0, 0]) == pytest.approx(spread, rel=0.02)


def test_a_day_that_an_arm_lacks_is_left_out(tmp_path: Path) -> None:
    rows = DAYS + "t,a,2024-01-03,5000,2500\nt,b,2024-01-04,0,0\n"
    counts = compared(archive_of(tmp_path, rows))
    assert ratio(counts) == pytest.approx(0.9)
    assert counts.left_out.tolist() == [5000]


def test_arms_without_a_day_in_common_have_nothing_to_compare(tmp_path: Path) -> None:
    rows = "".join(f"t,{arm},2024-01-0{d},1000,{d}\n" for d, arm in enumerate("aabb", start=1))
    counts = compared(archive_of(tmp_path, rows))
    assert counts.impressions.tolist() == [[0, 0]]
    assert counts.left_out.tolist() == [4000]


def test_an_arm_without_clicks_keeps_its_impressions(tmp_path: Path) -> None:
    rows = DAYS.replace(",360\n", ",0\n").replace(",5400\n", ",0\n")
    counts = compared(archive_of(tmp_path, rows))
    assert counts.clicks[0, 1] == 0
    assert counts.impressions[0, 1] == pytest.approx(96_000)  # 1 / Σ w² / n


def test_steady_shares_are_summed(tmp_path: Path) -> None:
    rows = DAYS.replace(",60000,", ",50000,").replace(",40000,", ",50000,")
    counts = compared(archive_of(tmp_path, rows))
    assert not counts.mixed.any()
    assert counts.clicks.tolist() == [[4600, 5760]]


def test_dates_of_single_rows_tell_when_arms_began_and_no_days(tmp_path: Path) -> None:
    rows = "t,a,2024-01-01,60000,600\nt,b,2024-01-02,40000,360\n"
    archive = archive_of(tmp_path, rows)
    assert archive.by_day is None
    assert compared(archive).clicks.tolist() == [[600, 360]]


def test_arms_that_share_a_control_each_have_a_mix_of_their_own(tmp_path: Path) -> None:
    rows = DAYS + "t,c,2024-01-02,30000,3300\n"
    archive = archive_of(tmp_path, rows)
    counts = pair_counts(archive, np.zeros(2, int), np.array([1, 2]), shares_change(archive))
    assert (counts.clicks[:, 1] / counts.impressions[:, 1])[1] == pytest.approx(0.11)
    assert (counts.clicks[:, 0] / counts.impressions[:, 0])[1] == pytest.approx(0.1)
    assert counts.left_out.tolist() == [0, 60_000]


def test_the_check_of_shares_is_the_chi_square_of_scipy(tmp_path: Path) -> None:
    shown = np.array([[500, 515], [485, 520], [525, 480]])  # day, arm
    p_value = stats.chi2_contingency(shown, correction=False).pvalue
    assert 0.05 < p_value < 0.2
    rows = "".join(
        f"t{test},{'ab'[arm]},2024-01-0{day + 1},{shown[day, arm]},9\n"
        for test in range(9)
        for day in range(3)
        for arm in range(2)
    )
    alone = archive_of(tmp_path, "\n".join(rows.splitlines()[:6]))
    assert not shares_change(alone).any()
    # Nine such tests together show what one does not.
    assert stats.chi2.sf(9 * stats.chi2.isf(p_value, 2), 18) < 0.05
    assert shares_change(archive_of(tmp_path, rows)).all()


def test_an_archive_without_days_has_no_change() -> None:
    archive, _ = draw(Truth(tests=5), seed=1)
    assert not shares_change(archive).any()
