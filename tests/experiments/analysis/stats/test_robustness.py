import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.engine import as_strata, compared
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.records import StratifiedCounts, VideoCounts
from experiments.analysis.stats.robustness import (
    RobustnessChecks,
    permutation_p_value,
    robustness_checks,
)
from experiments.unit import Unit

from .cast import counts_of, draw_counts, in_strata


def checks(
    counts: VideoCounts | StratifiedCounts, unit: Unit = Unit.VIEWER_VIDEO
) -> RobustnessChecks:
    """Return the checks of the first arm over all its videos."""
    strata = as_strata(counts)
    _, columns = compared(strata, Unit.IMPRESSION, 1)
    return robustness_checks(strata.arms, columns, unit)[0]


def test_mantel_haenszel_by_its_textbook_formulas() -> None:
    counts = draw_counts(1, videos=25, lifts=(1.0, 1.2))
    got = checks(counts)
    a, c = counts.clicks[:, 1], counts.clicks[:, 0]
    n1, n0 = counts.views[:, 1], counts.views[:, 0]
    total, clicked = n1 + n0, a + c
    ratio = np.sum(a * (n0 - c) / total) / np.sum(c * (n1 - a) / total)
    variance = clicked * (total - clicked) * n1 * n0 / (total**2 * (total - 1))
    chi2 = np.sum(a - clicked * n1 / total) ** 2 / variance.sum()
    assert got.odds_ratio.value == pytest.approx(ratio)
    assert got.odds_ratio.low < ratio < got.odds_ratio.high
    assert got.cmh_p_value == pytest.approx(stats.chi2.sf(chi2, 1))


def test_wilcoxon_by_ranking_the_differences() -> None:
    counts = draw_counts(2, videos=40, lifts=(1.0, 1.1))
    got = checks(counts)
    d = counts.ctr[:, 1] - counts.ctr[:, 0]
    ranks = np.argsort(np.argsort(np.abs(d))) + 1
    w, n = ranks[d > 0].sum(), d.size
    z = (w - n * (n + 1) / 4) / np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
    assert got.wilcoxon_p_value == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_permutation_agrees_with_dealing_the_clicks_by_hand(seed: int) -> None:
    counts = draw_counts(seed, videos=15, views=80, lifts=(1.0, 1.25))
    total = counts.clicks.sum(axis=1)
    rng = np.random.default_rng(seed)
    shape = (20_000, 15)
    arm = rng.hypergeometric(total, counts.views.sum(axis=1) - total, counts.views[:, 1], shape)
    dealt = (arm / counts.views[:, 1] - (total - arm) / counts.views[:, 0]).mean(axis=1)
    observed = (counts.ctr[:, 1] - counts.ctr[:, 0]).mean()
    by_hand = np.mean(np.abs(dealt) >= abs(observed) - 1e-12)
    columns = counts.views[:, [1, 0]], counts.clicks[:, [1, 0]]
    got = permutation_p_value(*columns, np.full(15, 1 / 15))
    assert got == pytest.approx(by_hand, abs=0.02)


@pytest.mark.parametrize("unit", [Unit.VIEWER, Unit.VIDEO])
def test_refused_where_clicks_are_not_exchangeable(unit: Unit) -> None:
    counts = draw_counts(1)
    with pytest.raises(DesignError, match="not exchangeable"):
        checks(counts, unit)


@pytest.mark.parametrize("clicks", [0, 5])
def test_nothing_to_compare_is_nan_with_the_reason(clicks: int) -> None:
    counts = counts_of(np.full((3, 2), 5), np.full((3, 2), clicks))
    got = checks(counts)
    assert np.isnan([got.cmh_p_value, got.wilcoxon_p_value, got.permutation_p_value]).all()
    assert got.reason == got.odds_ratio.reason
    assert "nothing to compare" in got.reason


def test_no_videos_are_nan_with_the_reason() -> None:
    counts = draw_counts(1, videos=0)
    got = checks(counts)
    assert got.reason == "no video counts"


def test_an_arm_without_clicks_has_no_odds_ratio_interval() -> None:
    counts = counts_of(np.full((4, 2), 50), [[9, 0], [8, 0], [7, 0], [5, 0]])
    got = checks(counts)
    assert got.odds_ratio.value == 0
    assert np.isnan(got.odds_ratio.low)
    assert got.odds_ratio.reason
    assert got.cmh_p_value < 0.01


def test_a_change_of_shares_while_rates_rise_is_no_difference() -> None:
    """Both arms click at 4 % and later at 6 %; added up, the second would win by a quarter."""
    views = np.array([[[950, 50]] * 12, [[100, 900]] * 12])
    clicks = (views * np.array([0.04, 0.06])[:, None, None]).astype(int)
    shares = np.array([[0.95, 0.05], [0.1, 0.9]])
    counts = StratifiedCounts(np.arange(12), ("raw", "gif"), shares, views, clicks)
    got = checks(counts)
    assert got.odds_ratio.value == pytest.approx(1)
    assert got.cmh_p_value == pytest.approx(1)
    assert got.permutation_p_value == pytest.approx(1)
    assert checks(counts.total()).cmh_p_value < 0.001


def test_every_arm_has_its_line_and_blocks_keep_what_each_stratum_says() -> None:
    counts = in_strata(draw_counts(1, videos=25), [[1, 1, 1], [2, 1, 1]])
    _, columns = compared(counts, Unit.IMPRESSION, 1)
    lines = robustness_checks(counts.arms, columns, Unit.VIEWER_VIDEO)
    assert [(line.arm, line.baseline) for line in lines] == [("seq2seq", "raw"), ("gevaden", "raw")]
    a, c = counts.clicks[..., 2], counts.clicks[..., 0]
    n1, n0 = counts.views[..., 2], counts.views[..., 0]
    ratio = np.sum(a * (n0 - c) / (n1 + n0)) / np.sum(c * (n1 - a) / (n1 + n0))
    assert lines[1].odds_ratio.value == pytest.approx(ratio)
