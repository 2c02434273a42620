import numpy as np
import pytest
from scipy import optimize, special, stats
from statsmodels.stats.meta_analysis import combine_effects

from experiments.analysis.stats.per_video import s_values, video_lifts
from experiments.analysis.stats.records import FloatArray, VideoCounts
from experiments.unit import Unit

from .cast import counts_of, draw_counts


def binomial_scale(counts: VideoCounts) -> FloatArray:
    """1 / (1 - p) of each video, (V, 1), p drawn to the overall rate by four clicks."""
    views, clicks = counts.views.sum(axis=1), counts.clicks.sum(axis=1)
    overall = (clicks.sum() + 0.5) / (views.sum() + 1)
    rate = (clicks + 4) / (views + 4 / overall)
    return np.asarray(1 / (1 - rate))[:, None]


def log_joint(counts: VideoCounts, parameters: FloatArray, theta: FloatArray) -> FloatArray:
    """Log quasi-likelihood of each video's clicks in both arms, (V, M): two negative binomials."""
    shape, rate = np.exp(parameters[2:])
    scale = binomial_scale(counts)
    (n0, n1), (x0, x1) = (scale * counts.views).T[:, :, None], (scale * counts.clicks).T[:, :, None]

    def log_nbinom(x: FloatArray, size: FloatArray, p: FloatArray) -> FloatArray:
        kernel = special.gammaln(x + size) - special.gammaln(size)
        return np.asarray(kernel + size * np.log(p) + x * np.log1p(-p))

    known = rate + n0
    arm = log_nbinom(x1, shape + x0, known / (known + n1 * np.exp(theta)))
    return log_nbinom(x0, np.full_like(x0, shape), rate / known) + arm


def minus_log_marginal(parameters: FloatArray, counts: VideoCounts) -> float:
    mean, spread = parameters[0], np.exp(parameters[1])
    theta = mean + spread * np.linspace(-8, 8, 801)
    weight = stats.norm.pdf(theta, mean, spread) * (theta[1] - theta[0])
    joint = log_joint(counts, parameters, theta)
    highest = joint.max(axis=1, keepdims=True)
    return -float(np.sum(highest[:, 0] + np.log(np.exp(joint - highest) @ weight)))


def brute_force(counts: VideoCounts) -> FloatArray:
    """(μ, ln τ, ln shape, ln rate) that maximise the marginal likelihood."""
    found = optimize.minimize(
        minus_log_marginal,
        [0.2, -1.0, 1.4, 4.0],
        args=(counts,),
        method="Nelder-Mead",
        options={"xatol": 1e-4, "fatol": 1e-6, "maxiter": 4000},
    )
    return np.asarray(found.x)


@pytest.mark.parametrize("views", [60, 2000])
def test_the_prior_maximises_the_marginal_likelihood_by_brute_force(views: int) -> None:
    counts = draw_counts(3, videos=60, views=views, lifts=(1.0, 1.3), spread=0.35)
    prior = video_lifts(counts, Unit.VIEWER_VIDEO, 1).prior
    best = brute_force(counts)
    assert prior.mean.value == pytest.approx(best[0], abs=2e-3)
    assert np.log(prior.spread.value) == pytest.approx(best[1], abs=1e-2)
    # Intervals: the profile of the same surface drops by 1.92 at their ends.
    for end in (prior.mean.low, prior.mean.high):
        profile = optimize.minimize(
            lambda rest, end=end: minus_log_marginal(np.array([end, *rest]), counts),
            best[1:],
            method="Nelder-Mead",
        )
        drop = profile.fun - minus_log_marginal(best, counts)
        assert drop == pytest.approx(1.92, rel=0.25)


def test_the_prior_agrees_with_a_random_effects_meta_analysis_where_clicks_are_many() -> None:
    counts = draw_counts(4, videos=300, views=5000, lifts=(1.0, 1.3), ctr=0.02)
    prior = video_lifts(counts, Unit.VIEWER_VIDEO, 1).prior
    logs = np.log(counts.ctr[:, 1] / counts.ctr[:, 0])
    oracle = combine_effects(logs, (1 / counts.clicks).sum(axis=1), method_re="iterated")
    assert prior.mean.value == pytest.approx(oracle.mean_effect_re, abs=0.01)
    assert prior.spread.value == pytest.approx(np.sqrt(oracle.tau2), rel=0.05)
    assert prior.mean.high - prior.mean.value == pytest.approx(1.96 * oracle.sd_eff_w_re, rel=0.05)


def test_posteriors_agree_with_quadrature_over_lift_and_prior() -> None:
    counts = draw_counts(5, videos=60, views=400, lifts=(1.0, 1.4), spread=0.4)
    got = video_lifts(counts, Unit.VIEWER_VIDEO, 1, level=0.9)
    mean, tau = got.prior.mean.value, got.prior.spread.value
    error = (got.prior.mean.high - mean) / stats.norm.ppf(0.95)
    square_error = (got.prior.spread.high**2 - tau**2) / stats.norm.ppf(0.95)
    theta = np.linspace(mean - 3, mean + 3, 20_001)
    best = brute_force(counts)
    for video in (0, 7, 23):
        posterior = np.zeros_like(theta)
        for z, weight in ((-np.sqrt(3), 1 / 6), (0, 2 / 3), (np.sqrt(3), 1 / 6)):
            spread = np.hypot(np.sqrt(tau**2 + z * square_error), error)
            joint = log_joint(counts, best, theta)[video]
            likelihood = np.exp(joint - joint.max())
            part = likelihood * stats.norm.pdf(theta, mean, spread)
            posterior += weight * part / part.sum()
        below = np.cumsum(posterior)
        assert got.better[video] == pytest.approx(1 - np.interp(0, theta, below), abs=3e-3)
        assert got.lift[video] == pytest.approx(np.sum(posterior * np.expm1(theta)), abs=2e-4)
        limits = np.interp(np.log1p([got.low[video], got.high[video]]), theta, below)
        assert limits == pytest.approx([0.05, 0.95], abs=2e-3)


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
    assert got.prior.spread.value < 0.01
    assert got.prior.spread.low == 0 or "less than chance" in got.prior.spread.reason
    assert got.prior.mean.value == pytest.approx(np.log(1.2), abs=1e-3)
    np.testing.assert_allclose(got.lift, 0.2, atol=2e-3)
    assert got.prior.mean.low < got.prior.mean.value < got.prior.mean.high


def test_a_video_seen_in_one_arm_keeps_the_prior() -> None:
    counts = draw_counts(7, videos=80, lifts=(1.0, 1.3))
    views, clicks = counts.views.copy(), counts.clicks.copy()
    views[0, 1] = clicks[0, 1] = 0
    got = video_lifts(counts_of(views, clicks), Unit.VIEWER_VIDEO, 1)
    mean, spread = got.prior.mean.value, got.prior.spread.value
    error = (got.prior.mean.high - mean) / 1.96
    variance = spread**2 + error**2
    assert got.lift[0] == pytest.approx(np.expm1(mean + variance / 2), abs=8e-3)


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


def test_the_prior_may_be_learnt_from_some_videos() -> None:
    rng = np.random.default_rng(31)
    views = rng.poisson(400, (300, 2))
    clicks = rng.binomial(views, 0.05 * np.exp(rng.normal(0, [0.0, 0.3], (300, 2))))
    counts = VideoCounts(np.arange(300), ("control", "arm"), views, clicks)
    some = np.arange(300) < 200
    learnt = video_lifts(counts, Unit.VIEWER_VIDEO, 1, learn_from=some)
    alone = video_lifts(counts.where(some), Unit.VIEWER_VIDEO, 1)
    assert learnt.prior.mean.value == pytest.approx(alone.prior.mean.value, abs=1e-3)
    assert learnt.prior.spread.value == pytest.approx(alone.prior.spread.value, abs=1e-3)
    assert learnt.lift[:200] == pytest.approx(alone.lift, abs=2e-3)
    assert learnt.lift.size == 300
