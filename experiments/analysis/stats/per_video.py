"""Each video's own lift, shrunk towards what all videos say: empirical Bayes.

The clicks of a video speak by `click_pairs`, all videos together by `effect_prior`. Two priors are
learnt: one in which no effect is exactly nothing, and one in which some are, without which an
archive of tests that change nothing would have winners. Signs and rates are averaged over both, by
how well each foretells the clicks (Bayesian model averaging, Hoeting et al. 1999). Limits are those
of the first: under the second an interval shrinks to the point 0 for effects small and real.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.effect_posterior import EffectPosterior, posterior
from experiments.analysis.stats.effect_prior import EffectPrior, chances, learn_priors
from experiments.analysis.stats.log_ratio_grid import Likelihood
from experiments.analysis.stats.records import (
    CONTROL,
    LEVEL,
    FloatArray,
    IntArray,
    VideoCounts,
    check_level,
)
from experiments.analysis.stats.results import Estimate
from experiments.unit import Unit

BLOCK = 8192  # videos whose posteriors are computed at a time


@dataclass(frozen=True, slots=True)
class Prior:
    """The distribution of log CTR ratios over videos, where none is exactly 0.

    Attributes:
        mean: over videos, with its interval.
        spread: s.d. over videos, with its interval.
    """

    mean: Estimate
    spread: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class VideoLifts:
    """Posterior of each video's relative improvement of an arm over control.

    Attributes:
        video_ids: (V,).
        lift: `arm_rate` over `baseline_rate`, less 1, (V,).
        low, high: equal-tailed credible limits of e^θ - 1, (V,).
        better, worse: posterior probability that the arm is better, and that it is worse, (V,);
            what is missing to 1 is that of no effect.
        baseline_rate: posterior mean of the baseline's clicks per view, (V,).
        arm_rate: posterior mean of the arm's clicks per view, (V,).
        false_discovery: the expected share of wrong signs if this video and all surer ones were
            declared (the s-value of Stephens 2017), (V,); no effect has no sign.
    """

    arm: str
    baseline: str
    prior: Prior
    video_ids: IntArray
    lift: FloatArray
    low: FloatArray
    high: FloatArray
    better: FloatArray
    worse: FloatArray
    baseline_rate: FloatArray
    arm_rate: FloatArray
    false_discovery: FloatArray
    level: float

    def declared(self, rate: float = 0.05) -> IntArray:
        """Return the verdict on each video, (V,): +1 better, -1 worse, 0 not declared.

        At most `rate` of the declared signs are wrong in expectation.
        """
        sign = np.where(self.better > self.worse, 1, -1)
        return np.where(self.false_discovery <= rate, sign, 0)


def video_lifts(
    counts: VideoCounts,
    unit: Unit,
    arm: int,
    baseline: int = CONTROL,
    *,
    level: float = LEVEL,
    dispersion: float = 1.0,
) -> VideoLifts:
    """Learn the priors and return every video's posterior for one arm.

    Within a video, viewers seldom recur, so that its posterior holds for any unit; the interval of
    the prior's mean does not where viewers carry their arm from video to video (unit viewer) and
    is nan there.

    Args:
        counts: of every video that is to have a posterior.
        unit: what was randomised.
        arm: column of the arm.
        baseline: column of the baseline.
        level: of the intervals.
        dispersion: variance of the clicks over a binomial's; see `dispersion`.

    Raises:
        InputError: for a level that cannot be.
    """
    columns = [baseline, arm]
    pairs = ClickPairs.of(counts.views[:, columns], counts.clicks[:, columns], dispersion)
    names = (counts.arms[baseline], counts.arms[arm])
    return lifts_of_pairs(pairs, names, counts.video_ids, unit, level=level)


def lifts_of_pairs(
    pairs: ClickPairs,
    names: tuple[str, str],
    video_ids: IntArray,
    unit: Unit,
    *,
    level: float = LEVEL,
) -> VideoLifts:
    """Return the same of clicks that need not be whole numbers; names of baseline and arm."""
    check_level(level)
    if not pairs.learnt.any():
        return _nothing_learnt(pairs, names, video_ids, level)
    never_zero, zero_inflated = learn_priors(pairs)
    base_rates = pairs.base_rates()
    blocks = [
        _judge(
            pairs.where(slice(start, start + BLOCK)), never_zero, zero_inflated, base_rates, level
        )
        for start in range(0, len(video_ids), BLOCK)
    ]
    low, high, better, worse, baseline_rate, arm_rate = np.concatenate(blocks, axis=1)
    return VideoLifts(
        arm=names[1],
        baseline=names[0],
        prior=_prior(never_zero, pairs, unit, level),
        video_ids=video_ids,
        lift=arm_rate / baseline_rate - 1,
        low=low,
        high=high,
        better=better,
        worse=worse,
        baseline_rate=baseline_rate,
        arm_rate=arm_rate,
        false_discovery=s_values(1 - np.maximum(better, worse)),
        level=level,
    )


def s_values(wrong_sign: FloatArray) -> FloatArray:
    """Return, for each local false sign rate, the mean of it and all smaller ones, (V,)."""
    order = np.argsort(wrong_sign, kind="stable")
    out = np.empty_like(wrong_sign)
    out[order] = np.cumsum(wrong_sign[order]) / np.arange(1, order.size + 1)
    return out


def _judge(
    pairs: ClickPairs,
    never_zero: EffectPrior,
    zero_inflated: EffectPrior,
    base_rates: tuple[float, float],
    level: float,
) -> FloatArray:
    """Return limits, chances of either sign, and rates, (6, V)."""
    likelihoods = [Likelihood.of(pairs, never_zero.grid, slope) for slope in never_zero.slopes]
    priors = (never_zero, zero_inflated)
    found = [posterior(pairs, likelihoods, prior) for prior in priors]
    low, high = (np.expm1(found[0].quantile(q)) for q in ((1 - level) / 2, (1 + level) / 2))
    averaged = sum(
        chance * np.stack([each.better, each.worse, *_rates(pairs, each, base_rates)])
        for chance, each in zip(chances(priors), found, strict=True)
    )
    return np.vstack([low, high, averaged])


def _rates(
    pairs: ClickPairs, judged: EffectPosterior, base_rates: tuple[float, float]
) -> tuple[FloatArray, FloatArray]:
    """Return the posterior mean click rates of baseline and arm, (V,) each.

    Base rates are Gamma(shape, rate); given θ a video's is Gamma(X + shape, n₀ + rate + n₁ e^θ).
    """
    shape, rate = base_rates
    ratio = np.exp(judged.theta)
    base_views = (pairs.baseline_views + rate)[:, None]
    base = (pairs.clicks + shape)[:, None] / (base_views + pairs.arm_views[:, None] * ratio)
    equal = judged.zero * (pairs.clicks + shape) / (base_views[:, 0] + pairs.arm_views)
    return judged.mean(base) + equal, judged.mean(base * ratio) + equal


def _nothing_learnt(
    pairs: ClickPairs, names: tuple[str, str], video_ids: IntArray, level: float
) -> VideoLifts:
    """Return lifts of videos without a single click: no lift, no limits, no sign."""
    unknown = Estimate(np.nan, np.nan, np.nan, level, "no clicks: there is no lift to learn")
    none, undefined = np.zeros(len(video_ids)), np.full(len(video_ids), np.nan)
    shape, rate = pairs.base_rates()
    return VideoLifts(
        arm=names[1],
        baseline=names[0],
        prior=Prior(unknown, unknown),
        video_ids=video_ids,
        lift=undefined,
        low=undefined,
        high=undefined,
        better=none,
        worse=none,
        baseline_rate=none + shape / rate,
        arm_rate=none + shape / rate,
        false_discovery=none + 1,
        level=level,
    )


def _prior(prior: EffectPrior, pairs: ClickPairs, unit: Unit, level: float) -> Prior:
    """Return the mean and the spread of the lifts, with limits from the lattice's moments."""
    z = float(scipy.stats.norm.isf((1 - level) / 2))
    weights, log_rates = prior.mean_and_spread_weights, pairs.log_rate[pairs.learnt]
    mean, mean_error = _moments(prior.mean, weights)
    # The mean over videos, each counted once; the slope's error is independent of that at 0.
    mean += prior.slope * float(log_rates.mean())
    mean_error = float(np.hypot(mean_error, prior.slope_error * log_rates.mean()))
    log_spread, log_error = _moments(np.log(prior.spread), weights)
    # What click rates foretell of the lifts is part of their spread, and of its error.
    foretold, per_slope = prior.slope * log_rates.std(), log_rates.var()
    spread = float(np.hypot(np.exp(log_spread), foretold))
    log_error = np.hypot(
        np.exp(2 * log_spread) * log_error, prior.slope * per_slope * prior.slope_error
    )
    log_error /= spread**2
    least, most = (float(spread * np.exp(k * log_error)) for k in (-z, z))
    if unit is Unit.VIEWER:
        why = "assignment by viewer: videos are not independent; see the two-way comparison"
        of_mean = Estimate(mean, np.nan, np.nan, level, why)
    else:
        of_mean = Estimate(mean, mean - z * mean_error, mean + z * mean_error, level)
    return Prior(of_mean, Estimate(spread, least, most, level))


def _moments(values: FloatArray, weights: FloatArray) -> tuple[float, float]:
    mean = float(weights @ values)
    return mean, float(np.sqrt(weights @ (values - mean) ** 2))
