"""Verdicts on many videos at once, or on many tests: cases of the audit with a known truth."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.audit_cases import Figures
from experiments.analysis.stats.homogeneity import dispersion, dispersion_to_use, homogeneity
from experiments.analysis.stats.per_video import video_lifts
from experiments.analysis.stats.records import FloatArray, VideoCounts
from experiments.unit import Unit

GAIN = (90.0, 110.0)  # range in % of the clicks promised, of those gained
KNOWN_NULLS = 300  # pairs of arms with the same creative, where noise is to be known from them
WRONG, COVERED, PROMISED, WINNERS = (
    "wrong signs of 5 %",
    "intervals of 90 %",
    "clicks promised, of those gained",
    "the same, of winners declared",
)


def none(_: np.random.Generator, videos: int) -> FloatArray:
    """Return effects (log ratios) that are all nothing."""
    return np.zeros(videos)


def normal(rng: np.random.Generator, videos: int) -> FloatArray:
    """Return effects with a mean of 0.05 and an s.d. of 0.15."""
    return rng.normal(0.05, 0.15, videos)


def skewed(rng: np.random.Generator, videos: int) -> FloatArray:
    """Return effects of which most are a little below nothing, and few far above."""
    return rng.exponential(0.15, videos) - 0.08


def mostly_none(rng: np.random.Generator, videos: int) -> FloatArray:
    """Return effects of which nine in ten are nothing."""
    return np.where(rng.random(videos) < 0.9, 0.0, rng.normal(0, 0.3, videos))


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Two arms in many videos, judged one by one.

    Attributes:
        videos: how many.
        effects: draws the log ratio of the click rates of each.
        views: of an arm in a video, on average.
        rate: base click rate.
        base_spread: s.d. of its logarithm over videos.
        slope: of the effect on the log base rate.
        noise: variance of clicks over a binomial's; where above 1 it is learnt from known nulls.
    """

    videos: int
    effects: Callable[[np.random.Generator, int], FloatArray]
    views: float = 3000.0
    rate: float = 0.05
    base_spread: float = 0.5
    slope: float = 0.0
    noise: float = 1.0

    @property
    def figures(self) -> tuple[str, ...]:
        """Without any effect nothing is gained that could be promised."""
        return (WRONG, COVERED) if self.effects is none else (WRONG, COVERED, PROMISED, WINNERS)

    def ranges(self, repetitions: int) -> dict[str, tuple[float, float]]:
        """Return the ranges in % of wrong signs and coverage; those of gains are GAIN.

        Wrong signs may be what is stated and two standard errors more: of a share of archives where
        there are no effects; else by the points that archives of this size differ by.
        """
        points = 5.0 if self.effects is mostly_none else 2.0
        if self.effects is none:
            points = 100 * np.sqrt(0.05 * 0.95)
        error = points / np.sqrt(repetitions)
        # An interval holds a true nothing or not: where many are, it covers more than it says.
        most = 100.0 if self.effects in {none, mostly_none} else 93.0
        return {WRONG: (0.0, round(5 + 2 * error, 1)), COVERED: (87.0, most)}

    def __call__(self, rng: np.random.Generator) -> Figures:
        """Draw once and judge every video."""
        base = self._base(rng, self.videos)
        effect = self.effects(rng, self.videos) + self.slope * np.log(base / self.rate)
        counts = self._counts(rng, np.column_stack([base, base * np.exp(effect)]))
        found = video_lifts(
            counts, Unit.VIEWER_VIDEO, 1, level=0.9, dispersion=self._known_noise(rng)
        )
        verdict = found.declared(0.05)
        declared = verdict != 0
        wrong = (verdict != np.sign(effect)) & declared
        inside = (found.low <= np.expm1(effect)) & (np.expm1(effect) <= found.high)
        views = counts.views.sum(axis=1)
        gain = views * base * np.expm1(effect)
        promised = views * (found.arm_rate - found.baseline_rate)
        kept = (promised > 0, verdict > 0)
        return (
            float(wrong.sum() / max(declared.sum(), 1)),
            float(inside.mean()),
            *(_ratio(promised[some].sum(), gain[some].sum()) for some in kept),
        )[: len(self.figures)]

    def _known_noise(self, rng: np.random.Generator) -> float:
        if self.noise <= 1:
            return 1.0
        rates = np.repeat(self._base(rng, KNOWN_NULLS), 2).reshape(-1, 2)
        nulls = self._counts(rng, rates)
        group = np.repeat(np.arange(KNOWN_NULLS), 2)
        found = homogeneity(group, nulls.views.ravel(), nulls.clicks.ravel())
        return dispersion_to_use(dispersion(found))

    def _base(self, rng: np.random.Generator, videos: int) -> FloatArray:
        return self.rate * np.exp(rng.normal(0, self.base_spread, videos))

    def _counts(self, rng: np.random.Generator, rates: FloatArray) -> VideoCounts:
        views = rng.poisson(self.views, rates.shape)
        rates = np.minimum(rates, 0.9)
        if self.noise > 1:  # beta-binomial: noise times the variance of a binomial
            sureness = (views - self.noise) / (self.noise - 1)
            rates = rng.beta(rates * sureness, (1 - rates) * sureness)
        clicks = rng.binomial(views, rates)
        return VideoCounts(np.arange(len(rates)), ("control", "second"), views, clicks)


def _ratio(promised: float, real: float) -> float:
    """Return one over the other; nan where there is nothing to gain."""
    return float(promised / real) if real else np.nan


VERDICTS = {  # each with its repetitions
    "1 test without effect": (Verdicts(1, none, 2000.0, base_spread=0.0), 400),
    "3 tests without effect": (Verdicts(3, none, 2000.0, base_spread=0.0), 400),
    "10 tests without effect": (Verdicts(10, none, 2000.0, base_spread=0.0), 400),
    "100 tests without effect": (Verdicts(100, none, 3600.0), 300),
    "100 without effect, noise 2": (Verdicts(100, none, noise=2.0), 200),
    "noise 1.5 times binomial": (Verdicts(800, normal, noise=1.5), 60),
    "noise 2 times binomial": (Verdicts(800, normal, noise=2.0), 60),
    "skewed effects": (Verdicts(800, skewed), 60),
    "nine in ten nothing": (Verdicts(800, mostly_none), 120),
    "effects fall with the rate": (Verdicts(800, normal, slope=-0.3), 60),
}
