import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.inclusion import include_videos
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.results import Inclusion
from experiments.analysis.stats.robustness import permutation_p_value, robustness_checks
from experiments.unit import Unit

from .cast import counts_of, draw_counts


def everything(counts: VideoCounts) -> Inclusion:
    return include_videos(counts.video_ids, counts.arms, counts.views, Unit.IMPRESSION, 1)


def test_mantel_haenszel_by_its_textbook_formulas() -> None:
    counts = draw_counts(1, videos=25, lifts=(1.0, 1.2))
    got = robustness_checks(counts, Unit.VIEWER_VIDEO, everything(counts), 1)
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
    got = robustness_checks(counts, Unit.VIEWER_VIDEO, everything(counts), 1)
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
    got = permutation_p_value(counts.views[:, [1, 0]], counts.clicks[:, [1, 0]])
    assert got == pytest.approx(by_hand, abs=0.02)


@pytest.mark.parametrize("unit", [Unit.VIEWER, Unit.VIDEO])
def test_refused_where_clicks_are_not_exchangeable(unit: Unit) -> None:
    counts = draw_counts(1)
    with pytest.raises(DesignError, match="not exchangeable"):
        robustness_checks(counts, unit, everything(counts), 1)


@pytest.mark.parametrize("clicks", [0, 5])
def test_nothing_to_compare_is_nan_with_the_reason(clicks: int) -> None:
    counts = counts_of(np.full((3, 2), 5), np.full((3, 2), clicks))
    got = robustness_checks(counts, Unit.IMPRESSION, everything(counts), 1)
    assert np.isnan([got.cmh_p_value, got.wilcoxon_p_value, got.permutation_p_value]).all()
    assert got.reason == got.odds_ratio.reason
    assert "nothing to compare" in got.reason


def test_no_videos_are_nan_with_the_reason() -> None:
    counts = draw_counts(1, videos=0)
    got = robustness_checks(counts, Unit.IMPRESSION, everything(counts), 1)
    assert got.reason == "no video counts"


def test_an_arm_without_clicks_has_no_odds_ratio_interval() -> None:
    counts = counts_of(np.full((4, 2), 50), [[9, 0], [8, 0], [7, 0], [5, 0]])
    got = robustness_checks(counts, Unit.IMPRESSION, everything(counts), 1)
    assert got.odds_ratio.value == 0
    assert np.isnan(got.odds_ratio.low)
    assert got.odds_ratio.reason
    assert got.cmh_p_value < 0.01
