import numpy as np
import pytest
from scipy import stats

from experiments.analysis.stats.click_pairs import ClickPairs


def pairs(views: list[list[int]], clicks: list[list[int]], dispersion: float = 1.0) -> ClickPairs:
    return ClickPairs.of(np.array(views), np.array(clicks), dispersion)


def test_the_likelihood_is_that_of_a_binomial_given_both_arms_clicks() -> None:
    found = pairs([[1000, 3000], [500, 100]], [[40, 150], [0, 9]])
    theta = np.array([-0.7, 0.0, 0.4])
    expected = []
    for video, (views, clicks) in enumerate([((1000, 3000), (40, 150)), ((500, 100), (0, 9))]):
        share = views[1] * np.exp(theta) / (views[0] + views[1] * np.exp(theta))
        scale = found.clicks[video] / sum(clicks)  # the binomial's variance, 1 / (1 - p)
        arm, both = scale * clicks[1], scale * sum(clicks)
        expected.append(arm * np.log(share) + (both - arm) * np.log(1 - share))
    difference = found.log_likelihood(theta) - np.array(expected)
    assert np.ptp(difference, axis=1) == pytest.approx(0, abs=1e-9)
    moved = found.log_likelihood(theta, np.array([0.1, -0.2]))
    assert moved[1] == pytest.approx(found.log_likelihood(theta - 0.2)[1])


def test_the_highest_likelihood_is_at_the_ratio_of_the_rates() -> None:
    found = pairs([[1000, 3000], [500, 400], [7, 9]], [[40, 150], [9, 0], [0, 0]])
    at = np.log((150 / 3000) / (40 / 1000))
    assert found.highest_log_likelihood[0] == pytest.approx(found.log_likelihood(np.array([at]))[0])
    assert found.highest_log_likelihood[1] == pytest.approx(
        found.log_likelihood(np.array([-40.0]))[1], abs=1e-9
    )
    assert found.highest_log_likelihood[2] == 0


def test_clicks_scaled_have_the_error_of_a_log_ratio_of_binomials() -> None:
    found = pairs([[4071, 4006]], [[264, 308]])
    wald = np.sqrt(1 / 264 - 1 / 4071 + 1 / 308 - 1 / 4006)
    assert found.error[0] == pytest.approx(wald, rel=0.002)
    assert found.raw[0] == pytest.approx(np.log(308 / 4006 / (264 / 4071)), abs=1e-3)
    noisier = pairs([[4071, 4006]], [[264, 308]], dispersion=2.0)
    assert noisier.error[0] == pytest.approx(np.sqrt(2) * wald, rel=0.003)


def test_a_video_without_views_in_an_arm_says_nothing() -> None:
    found = pairs([[100, 0], [100, 100], [50, 50]], [[7, 0], [7, 8], [0, 0]])
    assert found.clicks[[0, 2]].tolist() == [0, 0]
    assert found.learnt.tolist() == [False, True, False]
    assert found.exposure.tolist() == [1, 1, 1]
    none = pairs([[9, 9]], [[0, 0]])
    assert none.weighted_mean(none.raw) == 0


def test_log_rates_are_centred_where_the_mean_ratio_is_learnt() -> None:
    found = pairs([[100, 100], [9000, 9000], [100, 100]], [[2, 3], [900, 950], [5, 5]])
    assert found.weighted_mean(found.log_rate) == pytest.approx(0)
    assert found.log_rate[1] > 0 > found.log_rate[0]
    some = found.where(np.array([True, False, True]))
    assert some.clicks.tolist() == found.clicks[[0, 2]].tolist()


def test_base_rates_are_those_of_the_gamma_they_are_drawn_from() -> None:
    rng = np.random.default_rng(1)
    views = np.full((20_000, 2), 500)
    rates = rng.gamma(4, 0.01, 20_000)[:, None] * np.ones(2)
    shape, rate = ClickPairs.of(views, rng.binomial(views, rates)).base_rates()
    assert shape / rate == pytest.approx(0.04, rel=0.02)
    assert shape == pytest.approx(4, rel=0.1)
    assert stats.gamma.sf(0.1, shape, scale=1 / rate) == pytest.approx(
        stats.gamma.sf(0.1, 4, scale=0.01), abs=0.005
    )
    assert pairs([[0, 0]], [[0, 0]]).base_rates()[0] > 0
