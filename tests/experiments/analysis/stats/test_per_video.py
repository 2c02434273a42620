import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.per_video import lifts_of_pairs, s_values, video_lifts
from experiments.analysis.stats.records import VideoCounts
from experiments.unit import Unit

from .cast import counts_of, draw_counts
from .slow_posterior import THETA, slow_posterior

STEP = THETA[1] - THETA[0]


@pytest.mark.parametrize(("seed", "videos", "views"), [(1, 2, 1000), (2, 6, 300), (3, 6, 1500)])
def test_posteriors_agree_with_sums_over_all_that_is_uncertain(
    seed: int, videos: int, views: int
) -> None:
    counts = draw_counts(seed, videos=videos, views=views, lifts=(1.0, 1.2), spread=0.3)
    slow = slow_posterior(counts.views, counts.clicks)
    got = video_lifts(counts, Unit.VIEWER_VIDEO, 1, level=0.9)
    assert got.better == pytest.approx(slow.better, abs=0.06)
    assert got.worse == pytest.approx(slow.worse, abs=0.06)
    for limits, level in ((got.low, 0.05), (got.high, 0.95)):
        at = [
            np.interp(np.log1p(limit), THETA + STEP / 2, below)
            for limit, below in zip(limits, slow.below, strict=True)
        ]
        assert at == pytest.approx([level] * videos, abs=0.015)


def test_the_prior_agrees_with_a_random_effects_meta_analysis_where_clicks_are_many() -> None:
    counts = draw_counts(4, videos=300, views=5000, lifts=(1.0, 1.3), ctr=0.02)
    prior = video_lifts(counts, Unit.VIEWER_VIDEO, 1).prior
    logs = np.log(counts.ctr[:, 1] / counts.ctr[:, 0])
    oracle = combine_effects(logs, (1 / counts.clicks).sum(axis=1), method_re="iterated")
    assert prior.mean.value == pytest.approx(oracle.mean_effect_re, abs=oracle.sd_eff_w_re)
    assert prior.spread.value == pytest.approx(np.sqrt(oracle.tau2), rel=0.05)
    assert prior.mean.high - prior.mean.value == pytest.approx(1.96 * oracle.sd_eff_w_re, rel=0.1)


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


@pytest.mark.parametrize(("videos", "views"), [(1, 2000), (3, 2000), (12, 700), (100, 3600)])
def test_videos_without_any_effect_seldom_have_a_verdict(videos: int, views: int) -> None:
    """With the prior taken as known a verdict came in 34, 51, 32 and 15 of 100."""
    archives, declared = 25, 0
    for seed in range(archives):
        clicks = np.random.default_rng(seed).binomial(views, 0.053, (videos, 2))
        counts = counts_of(np.full((videos, 2), views), clicks)
        declared += bool(video_lifts(counts, Unit.IMPRESSION, 1).declared().any())
    assert declared <= stats.binom.isf(0.01, archives, 0.05)


def test_a_large_effect_in_one_video_is_told() -> None:
    got = video_lifts(counts_of([[3612, 3668]], [[172, 253]]), Unit.VIEWER_VIDEO, 1)
    assert got.declared().tolist() == [1]
    assert got.low[0] > 0


def test_noisier_clicks_widen_the_limits() -> None:
    counts = draw_counts(8, videos=100, views=3000)
    got, noisy = (video_lifts(counts, Unit.IMPRESSION, 1, dispersion=d) for d in (1.0, 2.0))
    wider = (noisy.high - noisy.low) / (got.high - got.low)
    assert np.median(wider) == pytest.approx(np.sqrt(2), abs=0.15)
    assert np.count_nonzero(noisy.declared()) < np.count_nonzero(got.declared())


def test_s_values_are_means_of_all_surer_ones() -> None:
    np.testing.assert_allclose(s_values(np.array([0.3, 0.01, 0.05])), [0.36 / 3, 0.01, 0.06 / 2])


def test_without_spread_the_lifts_are_all_the_mean() -> None:
    counts = counts_of(np.full((50, 2), 1000), np.tile([50, 60], (50, 1)))
    got = video_lifts(counts, Unit.VIEWER_VIDEO, 1)
    assert got.prior.spread.value < 0.03
    assert got.prior.mean.value == pytest.approx(np.log(1.2), abs=5e-3)
    np.testing.assert_allclose(got.lift, 0.2, atol=0.01)
    assert got.prior.mean.low < got.prior.mean.value < got.prior.mean.high


def test_a_video_seen_in_one_arm_keeps_the_prior() -> None:
    counts = draw_counts(7, videos=80, lifts=(1.0, 1.3))
    views, clicks = counts.views.copy(), counts.clicks.copy()
    views[0, 1] = clicks[0, 1] = 0
    got = video_lifts(counts_of(views, clicks), Unit.VIEWER_VIDEO, 1)
    mean, spread = got.prior.mean.value, got.prior.spread.value
    limits = np.log1p([got.low[0], got.high[0]])
    assert limits == pytest.approx(mean + spread * np.array([-1.96, 1.96]), abs=0.1)


def test_no_clicks_teach_nothing() -> None:
    got = video_lifts(counts_of(np.full((5, 2), 9), np.zeros((5, 2), int)), Unit.IMPRESSION, 1)
    assert np.isnan([got.prior.mean.value, got.prior.spread.low, *got.lift, *got.low]).all()
    assert "no clicks" in got.prior.mean.reason
    assert not got.declared().any()


def test_sticky_viewers_leave_the_priors_mean_without_an_interval() -> None:
    got = video_lifts(draw_counts(1), Unit.VIEWER, 2)
    assert np.isnan(got.prior.mean.low)
    assert not np.isnan(got.prior.mean.value)
    assert "two-way" in got.prior.mean.reason


def test_sure_signs_are_told() -> None:
    clicks = np.array([[3, 900], [900, 3], [500, 500]])
    got = video_lifts(counts_of(np.full((3, 2), 5000), clicks), Unit.IMPRESSION, 1)
    assert got.better[0] > 0.999
    assert got.worse[1] > 0.999
    assert got.declared().tolist() == [1, -1, 0]


def test_the_prior_may_be_learnt_from_some_videos() -> None:
    rng = np.random.default_rng(31)
    views = rng.poisson(400, (300, 2))
    clicks = rng.binomial(views, 0.05 * np.exp(rng.normal(0, [0.0, 0.3], (300, 2))))
    some = np.arange(300) < 200
    names, ids = ("control", "arm"), np.arange(300)
    pairs = ClickPairs.of(views, clicks, learn_from=some)
    learnt = lifts_of_pairs(pairs, names, ids, Unit.VIEWER_VIDEO)
    counts = VideoCounts(ids, names, views, clicks).where(some)
    alone = video_lifts(counts, Unit.VIEWER_VIDEO, 1)
    assert learnt.prior.mean.value == pytest.approx(alone.prior.mean.value, abs=1e-3)
    assert learnt.prior.spread.value == pytest.approx(alone.prior.spread.value, abs=2e-3)
    assert learnt.lift[:200] == pytest.approx(alone.lift, abs=0.01)
    assert learnt.lift.size == 300
