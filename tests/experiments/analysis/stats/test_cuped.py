import numpy as np
import pytest
import statsmodels.api as sm

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.cuped import adjust_between
from experiments.analysis.stats.errors import DesignError, InputError
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.welch import between_means

from .cast import ARMS, MANY

TWO = ARMS[:2]


def assigned(seed: int, videos: int = 200) -> tuple[FloatArray, FloatArray]:
    """CTRs of videos in one arm each, (V, 2), and their pre-period CTR, (V,)."""
    rng = np.random.default_rng(seed)
    base = rng.gamma(4, 0.015, videos)
    before = base * rng.normal(1, 0.2, videos)
    second = rng.permutation(videos) < videos // 2
    ctr = base * np.where(second, 1.2, 1.0) * rng.normal(1, 0.2, videos)
    return np.where(second[:, None] == np.arange(2), ctr[:, None], np.nan), before


def test_agrees_with_lins_interacted_regression_in_one_piece() -> None:
    ratios, before = assigned(1)
    got = adjust_between(between_means(TWO, ratios, MANY), ratios, before)
    y = np.nansum(ratios, axis=1)
    treated = (~np.isnan(ratios[:, 1])).astype(float)
    x = before - before.mean()
    design = np.column_stack([np.ones(200), treated, x, treated * x])
    oracle = sm.OLS(y, design).fit(cov_type="HC2")
    c = compare(got.means)[0]
    shared = oracle.params[3] ** 2 * before.var(ddof=1) / 200  # the covariate's own sampling
    assert c.difference.value == pytest.approx(oracle.params[1])
    assert c.standard_error**2 == pytest.approx(oracle.bse[1] ** 2 + shared, rel=1e-8)


def test_reports_the_share_of_variance_removed() -> None:
    ratios, before = assigned(2, 2000)
    got = adjust_between(between_means(TWO, ratios, MANY), ratios, before)
    correlation = np.corrcoef(before, np.nansum(ratios, axis=1))[0, 1]
    assert got.variance_removed["seq2seq"] == pytest.approx(correlation**2, abs=0.1)
    noise = np.random.default_rng(0).normal(size=2000)
    useless = adjust_between(between_means(TWO, ratios, MANY), ratios, noise)
    assert abs(useless.variance_removed["seq2seq"]) < 0.02


def test_the_estimate_keeps_its_meaning() -> None:
    # Over repeated draws adjusted and unadjusted estimates have the same mean.
    pairs = []
    for seed in range(200):
        ratios, before = assigned(seed, 60)
        plainly = between_means(TWO, ratios, MANY)
        got = adjust_between(plainly, ratios, before)
        pairs.append([np.diff(m.means)[0] for m in (got.means, plainly)])
    adjusted, plain = np.array(pairs).T
    assert adjusted.mean() == pytest.approx(plain.mean(), abs=4 * np.std(adjusted - plain) / 14)
    assert adjusted.std() < 0.7 * plain.std()


def test_missing_covariates_are_imputed_counted_and_indicated() -> None:
    ratios, before = assigned(3)
    before[:30] = np.nan
    got = adjust_between(between_means(TWO, ratios, MANY), ratios, before)
    assert got.imputed == 30
    # Intercept, covariate and indicator leave 97, and fewer decide (Bell & McCaffrey 2002).
    assert np.all((got.means.df > 75) & (got.means.df < 97))
    assert 0 < got.variance_removed["seq2seq"] < 1


def test_degrees_of_freedom_are_those_of_the_residuals_written_out() -> None:
    ratios, before = assigned(3, 60)
    got = adjust_between(between_means(TWO, ratios, MANY), ratios, before)
    for k, df in enumerate(got.means.df):
        own = ~np.isnan(ratios[:, k])
        design = sm.add_constant(before[own] - before.mean())
        left = np.eye(own.sum()) - design @ np.linalg.pinv(design)
        pull = np.linalg.pinv(design)[0] / np.sqrt(np.diag(left))
        matrix = (pull[:, None] * left) @ (pull[:, None] * left).T
        assert df == pytest.approx(np.trace(matrix) ** 2 / np.trace(matrix @ matrix))


def test_an_arm_in_which_few_videos_decide_is_refused() -> None:
    ratios, before = assigned(3, 60)
    few = ratios.copy()
    few[np.flatnonzero(~np.isnan(ratios[:, 1]))[8:], 1] = np.nan
    with pytest.raises(InputError, match=r"has 8 videos that tell as much as [4-6], must be 10"):
        adjust_between(between_means(TWO, few, MANY), few, before)


def test_refuses_what_does_not_fit() -> None:
    ratios, before = assigned(1)
    between = between_means(TWO, ratios, MANY)
    shared = paired_means(TWO, np.column_stack([before, before * 1.1]), MANY)
    with pytest.raises(DesignError, match="nothing is left to be removed"):
        adjust_between(shared, ratios, before)
    with pytest.raises(InputError, match="covariates are of 3 videos, must be of 200"):
        adjust_between(between, ratios, before[:3])
    with pytest.raises(InputError, match="covariates hold inf"):
        adjust_between(between, ratios, np.full(200, np.inf))
    few = ratios[:5]
    with pytest.raises(InputError, match="must have at least 4 for 1 covariates"):
        adjust_between(between_means(TWO, few, MANY), few, before[:5])
