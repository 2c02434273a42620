"""The likelihood of the ratio of two arms' click rates, video by video.

Of a video's clicks in both arms together, X, those in the arm are binomial (Przyborowski &
Wilenski 1940): with ρ the arm's views over the baseline's, and θ the log ratio of the click rates,

    x₁ | X  ~  Binomial(X, ρ e^θ / (1 + ρ e^θ)).

The base rate is not in it, so that nothing need be known of how base rates are spread over videos.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import scipy

from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray

TYPICAL_SPREAD = 0.22  # of the ratios themselves, where weights need a guess of it
PRIOR_CLICKS = 4.0  # what all videos together count for in the rate of one


@dataclass(frozen=True, slots=True, eq=False)
class ClickPairs:
    """Clicks and views of a baseline and an arm in V videos, on the scale of a Poisson's variance.

    Both are over φ (1 - p), p the video's click rate and φ the dispersion: so scaled, counts with
    φ times a binomial's variance have a Poisson's (quasi-likelihood, Wedderburn 1974). A video
    without views in both arms has no clicks here: it says nothing of the ratio.

    Attributes:
        clicks: of both arms together, X, (V,).
        arm_clicks: x₁, (V,).
        baseline_views, arm_views: (V,).
        log_rate: log click rate of both arms together, drawn to that of all videos, less its mean
            over the videos learnt from as they count for the mean ratio, (V,).
        learnt: which videos the prior is learnt from, (V,); none is without clicks.
    """

    clicks: FloatArray
    arm_clicks: FloatArray
    baseline_views: FloatArray
    arm_views: FloatArray
    log_rate: FloatArray
    learnt: BoolArray

    @classmethod
    def of(
        cls,
        views: FloatArray | IntArray,
        clicks: FloatArray | IntArray,
        dispersion: float = 1.0,
        learn_from: BoolArray | None = None,
    ) -> Self:
        """Take views and clicks of baseline and arm, (V, 2) each; videos may be few or many.

        Args:
            views: of the two arms.
            clicks: of the two arms.
            dispersion: φ, the variance of clicks over a binomial's.
            learn_from: the videos that the prior is to be learnt from, (V,); by default all.
        """
        both = np.all(views > 0, axis=1)[:, None]
        views, clicks = np.where(both, views, 0.0), np.where(both, clicks, 0.0)
        rate = _shrunk_rates(views.sum(axis=1), clicks.sum(axis=1))
        views, clicks = (counts / (dispersion * (1 - rate))[:, None] for counts in (views, clicks))
        total = clicks.sum(axis=1)
        learnt = (total > 0) if learn_from is None else (total > 0) & learn_from
        pairs = cls(total, clicks[:, 1], views[:, 0], views[:, 1], np.log(rate), learnt)
        return replace(pairs, log_rate=pairs.log_rate - pairs.weighted_mean(pairs.log_rate))

    def where(self, keep: BoolArray | IntArray | slice) -> Self:
        """Return some of the videos."""
        return type(self)(
            self.clicks[keep],
            self.arm_clicks[keep],
            self.baseline_views[keep],
            self.arm_views[keep],
            self.log_rate[keep],
            self.learnt[keep],
        )

    @property
    def exposure(self) -> FloatArray:
        """The arm's views over the baseline's, ρ, (V,); 1 where there are no views."""
        out = np.ones(self.clicks.shape)
        np.divide(self.arm_views, self.baseline_views, out=out, where=self.baseline_views > 0)
        return out

    @property
    def raw(self) -> FloatArray:
        """Each video's own log ratio, half a click added to each arm, (V,)."""
        of_arms = (self.arm_clicks + 0.5) / (self.clicks - self.arm_clicks + 0.5)
        return np.asarray(np.log(of_arms / self.exposure))

    @property
    def error(self) -> FloatArray:
        """The standard error of `raw`, (V,)."""
        base = self.clicks - self.arm_clicks
        return np.sqrt(1 / (self.arm_clicks + 0.5) + 1 / (base + 0.5))

    @property
    def highest_log_likelihood(self) -> FloatArray:
        """The log-likelihood at the ratio that fits best, (V,)."""
        arm, base = self.arm_clicks, self.clicks - self.arm_clicks
        entropy = scipy.special.xlogy(arm, arm) + scipy.special.xlogy(base, base)
        entropy -= scipy.special.xlogy(self.clicks, self.clicks)
        return np.asarray(entropy - arm * np.log(self.exposure))

    def weighted_mean(self, values: FloatArray) -> float:
        """Return the mean of values (V,) over the videos learnt from, weighted by `sureness`."""
        if not self.learnt.any():
            return 0.0
        return float(np.average(values[self.learnt], weights=self.sureness[self.learnt]))

    @property
    def sureness(self) -> FloatArray:
        """What each video counts for in a mean ratio, (V,)."""
        return np.asarray(1 / (self.error**2 + TYPICAL_SPREAD**2))

    def log_likelihood(self, theta: FloatArray, shift: FloatArray | float = 0.0) -> FloatArray:
        """Return the log-likelihood of each video at θ + its shift, up to a constant, (V, M).

        Args:
            theta: (V, M), or (M,) for the same in all videos.
            shift: (V,).
        """
        moved = np.broadcast_to(np.asarray(shift), self.clicks.shape)[:, None]
        odds = (self.exposure[:, None] * np.exp(moved)) * np.exp(theta)
        odds += 1
        np.log(odds, out=odds)
        odds *= self.clicks[:, None]
        return np.asarray(self.arm_clicks[:, None] * (theta + moved) - odds)

    def base_rates(self) -> tuple[float, float]:
        """Return (shape, rate) of the gamma distribution of base rates, by moments of X."""
        views = self.baseline_views + self.arm_views
        seen = views > 0
        rates, views = self.clicks[seen] / views[seen], views[seen]
        mean = float((self.clicks.sum() + 0.5) / max(views.sum(), 1.0))
        noise = np.mean(mean / views) if seen.any() else 0.0
        spread = np.mean((rates - mean) ** 2) - noise if seen.any() else 0.0
        variance = max(float(spread), 0.01 * mean**2)
        return mean**2 / variance, mean / variance


def _shrunk_rates(views: FloatArray, clicks: FloatArray) -> FloatArray:
    """Return each video's rate, (V,), drawn to that of all by PRIOR_CLICKS, and below 1."""
    overall = min((clicks.sum() + 0.5) / (views.sum() + 1), 0.5)
    return np.asarray((clicks + PRIOR_CLICKS) / (views + PRIOR_CLICKS / overall))
