import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.effect_posterior import POINTS, EffectPosterior, posterior
from experiments.analysis.stats.effect_prior import EffectPrior
from experiments.analysis.stats.log_ratio_grid import Likelihood, LogRatioGrid

VIEWS = np.array([[2000, 2100], [800, 900], [60, 50], [0, 40]])
CLICKS = np.array([[100, 130], [50, 38], [0, 4], [0, 2]])
THETA = np.linspace(-3, 3, 6001)


def known_prior(grid: LogRatioGrid, mean: float, spread: float, zero: float) -> EffectPrior:
    one = np.ones(1)
    return EffectPrior(
        grid=grid,
        slopes=0 * one,
        slope=0.0,
        slope_error=0.0,
        mean=mean * one,
        spread=spread * one,
        zero=zero * one,
        shapes=("normal",),
        slabs=grid.normals(mean * one, spread * one),
        weights=np.ones((1, 1, 1)),
        log_evidence=0.0,
    )


@pytest.mark.parametrize("zero", [0.0, 0.4])
@pytest.mark.parametrize(("mean", "spread"), [(0.1, 0.2), (-0.05, 0.08)])
def test_posteriors_under_a_known_prior_agree_with_sums_over_a_fine_grid(
    mean: float, spread: float, zero: float
) -> None:
    pairs = ClickPairs.of(VIEWS, CLICKS)
    grid = LogRatioGrid.of(pairs)
    likelihoods = [Likelihood.of(pairs, grid, 0.0)]
    found = posterior(pairs, likelihoods, known_prior(grid, mean, spread, zero))
    likelihood = np.exp(pairs.log_likelihood(THETA) - pairs.highest_log_likelihood[:, None])
    slab = (1 - zero) * likelihood * stats.norm.pdf(THETA, mean, spread) * (THETA[1] - THETA[0])
    at_zero = zero * likelihood[:, len(THETA) // 2]
    total = slab.sum(axis=1) + at_zero
    assert found.zero == pytest.approx(at_zero / total, abs=2e-3)
    assert found.better == pytest.approx(slab[:, THETA > 0].sum(axis=1) / total, abs=0.01)
    assert found.worse == pytest.approx(slab[:, THETA < 0].sum(axis=1) / total, abs=0.01)
    assert found.mean(found.theta) == pytest.approx(slab @ THETA / total, abs=2e-3)
    if not zero:
        below = np.cumsum(slab / total[:, None], axis=1)
        for q in (0.025, 0.5, 0.95):
            at = [
                np.interp(value, THETA, row)
                for value, row in zip(found.quantile(q), below, strict=True)
            ]
            assert at == pytest.approx([q] * 4, abs=0.01)


def test_a_video_learnt_from_does_not_count_twice() -> None:
    """Weights that have seen its clicks are divided by what they foretold of them."""
    pairs = ClickPairs.of(VIEWS, CLICKS)
    grid = LogRatioGrid.of(pairs)
    one = known_prior(grid, 0.2, 0.1, 0.0)
    two = known_prior(grid, -0.3, 0.1, 0.0)
    slabs = np.hstack([one.slabs, two.slabs])
    prior = EffectPrior(
        grid, one.slopes, 0.0, 0.0, np.array([0.2, -0.3]), np.array([0.1, 0.1]), np.zeros(1),
        ("normal",), slabs, np.array([[[0.5], [0.5]]]), 0.0,
    )  # fmt: skip
    likelihoods = [Likelihood.of(pairs, grid, 0.0)]
    seen = posterior(pairs, likelihoods, prior)
    alone = [posterior(pairs, likelihoods, each) for each in (one, two)]
    averaged = (alone[0].better + alone[1].better) / 2
    assert seen.better[:3] == pytest.approx(averaged[:3], abs=0.01)
    unseen = ClickPairs.of(VIEWS, CLICKS, learn_from=np.zeros(4, dtype=bool))
    foretold = likelihoods[0].on_grid[0] @ slabs
    expected = foretold @ [alone[0].better[0], alone[1].better[0]] / foretold.sum()
    assert posterior(unseen, likelihoods, prior).better[0] == pytest.approx(expected, abs=0.01)


def test_what_is_sure_is_sure() -> None:
    theta = np.stack([np.linspace(1, 2, POINTS), np.linspace(-2, -1, POINTS)])
    certain = EffectPosterior(theta, np.full(theta.shape, 1 / POINTS), np.zeros(2))
    assert certain.better.tolist() == [1, 0]
