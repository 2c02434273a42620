import numpy as np
import pytest
from scipy import integrate, optimize, special, stats
from statsmodels.stats.meta_analysis import combine_effects

from experiments.stats.per_video import s_values, video_lifts
from experiments.stats.records import FloatArray, Unit, VideoCounts

from .cast import counts_of, draw_counts


def conditional(counts: VideoCounts, video: int, theta: float) -> float:
    """Probability of the arm's clicks given the video's, up to a constant."""
    (n0, n1), (x0, x1) = counts.views[video], counts.clicks[video]
    share = special.expit(theta + np.log(n1 / n0))
    return float(stats.binom.pmf(x1, x0 + x1, share))


def minus_log_marginal(parameters: FloatArray, counts: VideoCounts) -> float:
    mean, spread = parameters[0], np.exp(parameters[1])
    theta = mean + spread * np.linspace(-8, 8, 1601)
    weight = stats.norm.pdf(theta, mean, spread) * (theta[1] - theta[0])
    total = 0.0
    for video in range(counts.video_ids.size):
        (n0, n1), (x0, x1) = counts.views[video], counts.clicks[video]
        share = special.expit(theta + np.log(n1 / n0))
        total -= np.log(np.sum(stats.binom.pmf(x1, x0 + x1, share) * weight))
    return float(total)


@pytest.mark.parametrize("views", [30, 2000])
def test_the_prior_maximises_the_marginal_likelihood_by_brute_force(views: int) -> None:
    counts = draw_counts(3, videos=60, views=views, lifts=(1.0, 1.3), spread=0.35)
    prior = video_lifts(counts, Unit.VIEWER_VIDEO, 1).prior
    found = optimize.minimize(minus_log_marginal, [0.2, -1.0], args=(counts,), method="Nelder-Mead")
    assert prior.mean.value == pytest.approx(found.x[0], abs=2e-3)
    assert np.log(prior.spread.value) == pytest.approx(found.x[1], abs=5e-3)
    # Intervals: curvature of the same brute-force surface.
    step = 0.01
    second = sum(
        sign * minus_log_marginal(found.x + shift * np.array([step, 0]), counts)
        for sign, shift in ((1, 1), (-2, 0), (1, -1))
    )
    half = 1.96 * step / np.sqrt(second)
    assert prior.mean.high - prior.mean.value == pytest.approx(half, rel=0.1)


def test_the_prior_agrees_with_a_random_effects_meta_analysis_where_clicks_are_many() -> None:
    counts = draw_counts(4, videos=300, views=5000, lifts=(1.0, 1.3), ctr=0.02)
    prior = video_lifts(counts, Unit.VIEWER_VIDEO, 1).prior
    logs = np.log(counts.ctr[:, 1] / counts.ctr[:, 0])
    oracle = combine_effects(logs, (1 / counts.clicks).sum(axis=1), method_re="iterated")
    assert prior.mean.value == pytest.approx(oracle.mean_effect_re, abs=0.01)
    assert prior.spread.value == pytest.approx(np.sqrt(oracle.tau2), rel=0.05)
    assert prior.mean.high - prior.mean.value == pytest.approx(1.96 * oracle.sd_eff_w_re, rel=0.05)


def test_posteriors_agree_with_quadrature() -> None:
    counts = draw_counts(5, videos=40, views=60, lifts=(1.0, 1.4))
    got = video_lifts(counts, Unit.VIEWER_VIDEO, 1, level=0.9)
    mean, spread = got.prior.mean.value, got.prior.spread.value
    for video in (0, 7, 23):

        def density(theta: float, video: int = video) -> float:
            return conditional(counts, video, theta) * float(stats.norm.pdf(theta, mean, spread))

        def integral(low: float, high: float, video: int = video) -> float:
            return float(integrate.quad(density, low, high, limit=200)[0])

        ends = (mean - 9 * spread, mean + 9 * spread)
        total = integral(*ends)
        lift = integrate.quad(lambda t: np.expm1(t) * density(t), *ends, limit=200)[0] / total
        assert got.better[video] == pytest.approx(integral(0, ends[1]) / total, abs=3e-3)
        assert got.lift[video] == pytest.approx(lift, abs=1e-4)
        below = integral(ends[0], np.log1p(got.low[video])) / total
        above = integral(np.log1p(got.high[video]), ends[1]) / total
        assert (below, above) == pytest.approx((0.05, 0.05), abs=2e-3)


def test_lifts_are_shrunk_towards_the_mean_and_declared_signs_are_mostly_right() -> None:
    rng = np.random.default_rng(6)
    theta = rng.normal(0.1, 0.3, 2000)
    views = np.full((2000, 2), 1500)
    clicks = rng.binomial(views, 0.05 * np.exp(np.column_stack([np.zeros(2000), theta])))
    got = video_lifts(counts_of(views, clicks), Unit.VIEWER_VIDEO, 1)
    raw = clicks[:, 1] / clicks[:, 0] - 1
    assert np.var(got.lift) < np.var(raw)
    assert np.mean((got.lift - np.expm1(theta)) ** 2) < np.mean((raw - np.expm1(theta)) ** 2)
    covered = np.mean((got.low <= np.expm1(theta)) & (np.expm1(theta) <= got.high))
    assert covered == pytest.approx(0.95, abs=0.015)
    for rate in (0.01, 0.05, 0.2):
        declared = got.declared(rate)
        some = declared != 0
        assert some.any()
        assert np.mean(declared[some] != np.sign(theta[some])) < rate + 0.02
    assert np.count_nonzero(got.declared(0.01)) < np.count_nonzero(got.declared(0.2))


def test_s_values_are_means_of_all_surer_ones() -> None:
    np.testing.assert_allclose(s_values(np.array([0.3, 0.01, 0.05])), [0.36 / 3, 0.01, 0.06 / 2])


def test_without_spread_the_lifts_are_all_the_mean() -> None:
    counts = counts_of(np.full((50, 2), 1000), np.tile([50, 60], (50, 1)))
    got = video_lifts(counts, Unit.VIEWER_VIDEO, 1)
    assert np.isnan(got.prior.spread.low)
    assert "no more than chance" in got.prior.spread.reason
    assert got.prior.mean.value == pytest.approx(np.log(1.2), abs=1e-3)
    np.testing.assert_allclose(got.lift, 0.2, atol=2e-3)
    assert got.prior.mean.low < got.prior.mean.value < got.prior.mean.high


def test_a_video_seen_in_one_arm_keeps_the_prior() -> None:
    counts = draw_counts(7, videos=80, lifts=(1.0, 1.3))
    views, clicks = counts.views.copy(), counts.clicks.copy()
    views[0, 1] = clicks[0, 1] = 0
    got = video_lifts(counts_of(views, clicks), Unit.VIEWER_VIDEO, 1)
    mean, spread = got.prior.mean.value, got.prior.spread.value
    assert got.lift[0] == pytest.approx(np.expm1(mean + spread**2 / 2), abs=2e-3)


def test_no_clicks_teach_nothing() -> None:
    got = video_lifts(counts_of(np.full((5, 2), 9), np.zeros((5, 2), int)), Unit.IMPRESSION, 1)
    assert np.isnan([got.prior.mean.value, got.prior.spread.low]).all()
    assert "no clicks" in got.prior.mean.reason
    assert not got.declared().any()


def test_sticky_viewers_leave_the_priors_mean_without_an_interval() -> None:
    got = video_lifts(draw_counts(1), Unit.VIEWER, 2)
    assert np.isnan(got.prior.mean.low)
    assert not np.isnan(got.prior.mean.value)
    assert "two-way" in got.prior.mean.reason


def test_certain_signs_reach_both_ends() -> None:
    clicks = np.array([[3, 900], [900, 3], [500, 500]])
    got = video_lifts(counts_of(np.full((3, 2), 5000), clicks), Unit.IMPRESSION, 1)
    assert got.better[:2].tolist() == [1.0, 0.0]
