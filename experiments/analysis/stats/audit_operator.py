"""Operators who look at a running experiment and end it at the first winner, for the audit.

Each case draws a true null with a life of its own: videos come in mid-run, rates swing with the
week, traffic grows. It returns 1 where the operator would have declared an arm better or worse, at
any look before the planned end or at the end.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate_mean_ctr
from experiments.analysis.stats.horizon import AlwaysValid, FixedHorizon, GroupSequential, Horizon
from experiments.analysis.stats.over_time import accumulate
from experiments.analysis.stats.records import VideoCounts
from experiments.analysis.stats.scenarios import Scenario, video_logits

WEEK_DAYS = 7


@dataclass(frozen=True, slots=True)
class Season:
    """The life of an experiment over days.

    Attributes:
        days: planned.
        swing: amplitude over a week of the odds of a click, on the logit scale.
        growth: how many times the first day's traffic the last day has.
        joining: share of the videos that join halfway.
    """

    days: int = 28
    swing: float = 0.0
    growth: float = 1.0
    joining: float = 0.0

    def draw(self, scenario: Scenario, rng: np.random.Generator) -> list[VideoCounts]:
        """Draw each day's counts; the scenario's views are those of a first day."""
        logits, videos = video_logits(scenario, rng), scenario.videos
        late = np.arange(videos) < self.joining * videos
        out = []
        for day in range(self.days):
            grown = self.growth ** (day / max(self.days - 1, 1))
            here = ~late | (day >= self.days / 2)
            mean = scenario.views * grown * np.outer(here, scenario.weights)
            views = rng.poisson(mean)
            odds = self.swing * np.sin(2 * np.pi * day / WEEK_DAYS)
            clicks = rng.binomial(views, scipy.special.expit(logits + odds))
            out.append(VideoCounts(np.arange(videos), scenario.arms, views, clicks))
        return out


@dataclass(frozen=True, slots=True)
class DailyOperator:
    """Looks at the end of every day, always valid, and at the planned end at a fixed horizon.

    Attributes:
        scenario: of a day.
        season: over the days.
        running_share: of the error that may be spent before the end.
    """

    scenario: Scenario
    season: Season
    running_share: float = 0.2
    figures: tuple[str, ...] = ("declared at some look",)

    def __call__(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw every day and look at each."""
        days = accumulate(self.season.draw(self.scenario, rng))
        last = len(days)
        for number, counts in enumerate(days, start=1):
            horizon: Horizon = AlwaysValid(number / last, self.running_share)
            if number == last:
                horizon = FixedHorizon(1 - self.running_share)
            if _declared(counts, self.scenario, horizon):
                return (1.0,)
        return (0.0,)


@dataclass(frozen=True, slots=True)
class PlannedLooks:
    """Looks a few times, group-sequentially."""

    scenario: Scenario
    season: Season
    looks: int
    figures: tuple[str, ...] = ("declared at some look",)

    def __call__(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw every day and look at some."""
        days = accumulate(self.season.draw(self.scenario, rng))
        ends = [round(len(days) * number / self.looks) for number in range(1, self.looks + 1)]
        told = [days[end - 1] for end in ends]
        information = tuple(float(counts.views.sum()) for counts in told)
        elapsed = tuple(end / len(days) for end in ends)
        return (
            float(
                any(
                    _declared(counts, self.scenario, GroupSequential(information[:k], elapsed[:k]))
                    for k, counts in enumerate(told, start=1)
                )
            ),
        )


def _declared(counts: VideoCounts, scenario: Scenario, horizon: Horizon) -> bool:
    compared = compare(estimate_mean_ctr(counts, scenario.unit), horizon=horizon)
    return any(comparison.significant for comparison in compared)
