"""The duration that the pilot needed: for the mean over videos, and for one video alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy

from experiments.analysis.stats.normal_mixture import mixture_critical, tightest
from experiments.analysis.stats.power import PairedPower, one_video_power, one_video_views_needed
from experiments.analysis.stats.records import CONTROL
from experiments.analysis.stats.spending import Spending
from experiments.studies.pilot_note.designs import moments
from experiments.studies.simulation.click_model import ClickModel

POWER = 0.9
DAILY_LOOKS = 30
FEWEST_VIEWS, MOST_VIEWS = 1e-3, 1e9


@dataclass(frozen=True, slots=True)
class Duration:
    """What it takes to find an arm's improvement with a power of POWER, at 5 % two-sided.

    Attributes:
        improvement: of mCTR over the control's.
        views_needed: of a video in each arm, over all the pilot's videos; at least 1, for a
            video without views has no CTR.
        days_needed: of the pilot's traffic, for the same.
        videos_needed: with the pilot's whole month of views each.
        one_video_views, one_video_days: for a single video to show it by itself.
        one_video_power: with the pilot's whole month of views.
        looks_cost: how many times the information, where one looks every day by a
            group-sequential plan (O'Brien-Fleming-like spending, two-sided).
        band_cost: how many times the views for an always-valid band as narrow as the interval at
            a fixed end, where the band is narrowest.
    """

    arm: int
    improvement: float
    views_needed: float
    days_needed: float
    videos_needed: int
    one_video_views: int
    one_video_days: float
    one_video_power: float
    looks_cost: float
    band_cost: float


def duration(model: ClickModel, arm: int, *, videos: int, views: float, days: int) -> Duration:
    """Return how long a study of the pilot's kind needs to be.

    Args:
        model: the click model, with the spread of effects.
        arm: its column.
        videos: of the pilot.
        views: of a video in one arm, over all days.
        days: of the pilot.
    """
    plan, lift = _plan(model, arm, videos, views), _lift(model, arm)
    needed = max(_views_needed(plan, lift), 1.0)
    alone = one_video_views_needed(plan.baseline_ctr, lift, POWER)
    return Duration(
        arm=arm,
        improvement=lift,
        views_needed=needed,
        days_needed=needed / views * days,
        videos_needed=plan.videos_needed(lift, POWER),
        one_video_views=alone,
        one_video_days=alone / views * days,
        one_video_power=one_video_power(plan.baseline_ctr, lift, round(views)),
        looks_cost=plan.with_looks(Spending.OBRIEN_FLEMING_TWO_SIDED, DAILY_LOOKS).inflation(POWER),
        band_cost=_band_cost(plan.alpha),
    )


def power_by_views(
    model: ClickModel, arm: int, videos: int, views: Sequence[float]
) -> tuple[float, ...]:
    """Return the power of the paired test over `videos` videos at each number of views."""
    lift = _lift(model, arm)
    return tuple(_plan(model, arm, videos, each).power(lift) for each in views)


def _plan(model: ClickModel, arm: int, videos: int, views: float) -> PairedPower:
    spread = moments(model, arm)
    return PairedPower(
        baseline_ctr=model.rates[CONTROL],
        videos=videos,
        views_per_arm=views,
        effect_spread=float(np.sqrt(spread.of_difference)),
        base_spread=float(np.sqrt(spread.between[1])),
    )


def _lift(model: ClickModel, arm: int) -> float:
    return model.rates[arm] / model.rates[CONTROL] - 1


def _band_cost(alpha: float) -> float:
    """Return the squared width of the confidence sequence over that of the fixed interval."""
    critical = mixture_critical(tightest(alpha), alpha)
    return float((critical / scipy.stats.norm.isf(alpha / 2)) ** 2)


def _views_needed(plan: PairedPower, lift: float) -> float:
    def excess(log_views: float) -> float:
        return replace(plan, views_per_arm=float(np.exp(log_views))).power(lift) - POWER

    return float(np.exp(scipy.optimize.brentq(excess, np.log(FEWEST_VIEWS), np.log(MOST_VIEWS))))
