import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.log_ratio_grid import Likelihood, LogRatioGrid

VIEWS = np.array([[4000, 4100], [800, 900], [60, 50]])
CLICKS = np.array([[200, 260], [50, 45], [0, 4]])
PAIRS = ClickPairs.of(VIEWS, CLICKS)
GRID = LogRatioGrid.of(PAIRS)


@pytest.mark.parametrize("mean", [-0.4, 0.013, 0.2])
@pytest.mark.parametrize("spread", [0.0, 0.003, 0.05, 0.4])
def test_normals_on_the_grid_keep_their_mean_and_spread(mean: float, spread: float) -> None:
    (masses,) = GRID.normals(np.array([mean]), np.array([spread])).T
    spacing = np.interp(mean, GRID.points, GRID.weights)
    assert masses.sum() == pytest.approx(1)
    assert masses @ GRID.points == pytest.approx(mean, abs=0.03 * spacing)
    found = np.sqrt(masses @ (GRID.points - mean) ** 2)
    assert found == pytest.approx(np.hypot(spread, 0.5 * spacing), rel=0.1)


def test_the_sum_over_the_grid_is_the_integral() -> None:
    masses = GRID.normals(np.array([0.1]), np.array([0.25]))[:, 0]
    theta = np.linspace(-3, 3, 20_001)
    prior = stats.norm.pdf(theta, 0.1, 0.25) * (theta[1] - theta[0])
    likelihood = Likelihood.of(PAIRS, GRID, 0.0)
    exact = np.exp(PAIRS.log_likelihood(theta) - PAIRS.highest_log_likelihood[:, None]) @ prior
    assert likelihood.on_grid @ masses == pytest.approx(exact, rel=2e-3)
    at_zero = PAIRS.log_likelihood(np.zeros(1))[:, 0] - PAIRS.highest_log_likelihood
    assert likelihood.at_zero == pytest.approx(np.exp(at_zero))


def test_a_slope_moves_each_video_by_its_log_rate() -> None:
    moved = Likelihood.of(PAIRS, GRID, 0.3).on_grid
    for video, shift in enumerate(0.3 * PAIRS.log_rate):
        expected = PAIRS.log_likelihood(GRID.points + shift)[video]
        highest = PAIRS.highest_log_likelihood[video]
        assert moved[video] == pytest.approx(np.exp(expected - highest))


def test_a_likelihood_narrower_than_the_grid_is_widened_to_it() -> None:
    views = np.array([[10**9, 10**9], *VIEWS.tolist() * 20])
    clicks = np.array([[10**7, 2 * 10**7], *CLICKS.tolist() * 20])
    pairs = ClickPairs.of(views, clicks)
    grid = LogRatioGrid.of(pairs)
    of_first = Likelihood.of(pairs, grid, 0.0).on_grid[0]
    assert (of_first > 0.1).sum() >= 2
    assert grid.points[of_first.argmax()] == pytest.approx(np.log(2), abs=grid.weights.max())


def test_densities_between_the_points_are_interpolated_and_0_beyond() -> None:
    density = stats.norm.pdf(GRID.points, 0.1, 0.3) * np.ones((2, 1))
    theta = np.array([[-0.3, 0.1, 0.55], [0.0, GRID.points[0] - 0.1, GRID.points[-1] + 0.1]])
    found = GRID.interpolated(density, theta)
    assert found[0] == pytest.approx(stats.norm.pdf(theta[0], 0.1, 0.3), rel=0.01)
    assert found[1, 1:].tolist() == [0, 0]
