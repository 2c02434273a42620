"""The share of videos that an arm helps and hurts: the mean alone does not say."""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.per_video import VideoLifts, video_lifts
from experiments.analysis.stats.records import CONTROL, VideoCounts
from experiments.analysis.stats.results import Estimate
from experiments.studies.pilot_note.designs import intercepts
from experiments.studies.simulation.click_model import ClickModel
from experiments.unit import Unit

FALSE_SIGNS = 0.05  # share of wrong signs allowed among the videos declared


@dataclass(frozen=True, slots=True, eq=False)
class Helped:
    """One arm over all videos.

    Attributes:
        share: of videos whose click rate the arm raises, Φ(μ / τ) under the fitted prior; the
            interval takes μ and τ at the ends of theirs, so that it holds at 90 % at least.
        raw_share: of videos whose observed CTR is higher: chance included.
        better, worse: number of videos declared, with at most FALSE_SIGNS wrong signs.
        lifts: every video's posterior.
        raw: every video's observed CTR over the control's, less 1; nan without clicks there.
    """

    arm: str
    share: Estimate
    raw_share: float
    better: int
    worse: int
    lifts: VideoLifts
    raw: np.ndarray


def helped(counts: VideoCounts, unit: Unit, arm: int) -> Helped:
    """Fit one arm's lifts over videos, and count.

    Args:
        counts: of the videos that count.
        unit: what was randomised.
        arm: column of the arm.
    """
    lifts = video_lifts(counts, unit, arm)
    declared = lifts.declared(FALSE_SIGNS)
    ctr = counts.ctr
    raw = np.full(len(ctr), np.nan)
    np.divide(ctr[:, arm], ctr[:, CONTROL], out=raw, where=ctr[:, CONTROL] > 0)
    return Helped(
        arm=counts.arms[arm],
        share=_share(lifts),
        raw_share=float(np.mean(ctr[:, arm] > ctr[:, CONTROL])),
        better=int((declared > 0).sum()),
        worse=int((declared < 0).sum()),
        lifts=lifts,
        raw=raw - 1,
    )


def true_share(model: ClickModel, arm: int) -> float:
    """Return the share of videos that the arm helps in the click model: P(a_k + e > a_0)."""
    a = intercepts(model)
    return float(scipy.stats.norm.cdf((a[arm] - a[CONTROL]) / model.effect_sd))


def _share(lifts: VideoLifts) -> Estimate:
    mean, spread = lifts.prior.mean, lifts.prior.spread
    ends = [
        float(scipy.stats.norm.cdf(m / s)) if s > 0 else float(m > 0)
        for m in (mean.low, mean.high)
        for s in (spread.low, spread.high)
    ]
    value = float(scipy.stats.norm.cdf(mean.value / spread.value))
    reason = mean.reason or spread.reason
    if reason:
        return Estimate(value, np.nan, np.nan, 0.9, reason)
    return Estimate(value, min(ends), max(ends), 0.9)
