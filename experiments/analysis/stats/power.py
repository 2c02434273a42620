"""Power: the effects that an experiment of a given size can see, and when it has seen them."""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import CONTROL, VideoCounts
from experiments.analysis.stats.spending import Spending, bounds, crossing_probability, spent


@dataclass(frozen=True, slots=True)
class PairedPower:
    """Power of the paired test of mCTR in an experiment whose videos carry both arms.

    Attributes:
        baseline_ctr: mCTR of the control.
        videos: number of videos.
        views_per_arm: mean views of a video in one arm.
        effect_spread: s.d. over videos of the true difference of CTRs.
        base_spread: s.d. over videos of the control's CTR (it only makes clicks less noisy).
        alpha: two-sided.
    """

    baseline_ctr: float
    videos: int
    views_per_arm: float
    effect_spread: float
    base_spread: float = 0.0
    alpha: float = 0.05

    def __post_init__(self) -> None:
        for name, low, high in (
            ("baseline_ctr", 0.0, 1.0),
            ("alpha", 0.0, 1.0),
            ("views_per_arm", 0.0, np.inf),
            ("videos", 1, np.inf),
        ):
            value = getattr(self, name)
            if not low < value < high:
                raise InputError(f"{name} == {value}, must be between {low} and {high}")
        if self.effect_spread < 0 or self.base_spread < 0:
            raise InputError(
                f"effect_spread == {self.effect_spread}, base_spread == {self.base_spread}, "
                "must not be negative"
            )

    def difference_spread(self, lift: float) -> float:
        """Return the s.d. over videos of the observed difference when mCTR is lifted by a share."""
        arms = (self.baseline_ctr, self.baseline_ctr * (1 + lift))
        clicks = sum(max(p * (1 - p) - self.base_spread**2, 0.0) for p in arms)
        return float(np.sqrt(self.effect_spread**2 + clicks / self.views_per_arm))

    def standard_error(self, lift: float = 0.0) -> float:
        """Return the standard error of the mean difference."""
        return self.difference_spread(lift) / float(np.sqrt(self.videos))

    def power(self, lift: float) -> float:
        """Return the probability of a significant difference when mCTR is lifted by a share."""
        from statsmodels.stats.power import TTestPower

        size = self.baseline_ctr * abs(lift) / self.difference_spread(lift)
        power = float(TTestPower().power(size, nobs=self.videos, alpha=self.alpha))
        return self._power_when_large(size) if np.isnan(power) else power

    def _power_when_large(self, size: float) -> float:
        """Return the power where scipy's noncentral t is nan, as it is far from its centre.

        The normal approximation of Johnson & Welch (1940, Biometrika 31:362).
        """
        df, shift = self.videos - 1, size * np.sqrt(self.videos)
        critical = float(scipy.stats.t.isf(self.alpha / 2, df))
        scale = np.sqrt(1 + critical**2 / (2 * df))
        return float(scipy.stats.norm.cdf((shift - critical * (1 - 1 / (4 * df))) / scale))

    def minimum_detectable_lift(self, power: float = 0.8) -> float:
        """Return the smallest lift, as a share, that is found with the given power; nan if none."""
        largest = 1 / self.baseline_ctr - 1
        if self.power(largest) < power:
            return float("nan")
        return float(scipy.optimize.brentq(lambda lift: self.power(lift) - power, 1e-9, largest))

    def videos_needed(self, lift: float, power: float = 0.8) -> int:
        """Return the number of videos for a given power."""
        from statsmodels.stats.power import TTestPower

        size = self.baseline_ctr * abs(lift) / self.difference_spread(lift)
        needed = TTestPower().solve_power(size, alpha=self.alpha, power=power)
        return int(np.ceil(needed))

    def with_looks(self, spending: Spending, looks: int) -> "SequentialPower":
        """Return the same experiment looked at `looks` times, equally spaced."""
        return SequentialPower(self, spending, looks)


@dataclass(frozen=True, slots=True)
class SequentialPower:
    """The same with group-sequential looks, equally spaced."""

    fixed: PairedPower
    spending: Spending
    looks: int

    def power(self, lift: float) -> float:
        """Return the probability that some look crosses its bound."""
        drift = self.fixed.baseline_ctr * abs(lift) / self.fixed.standard_error(lift)
        return crossing_probability(self._times(), self._criticals(), drift)

    def inflation(self, power: float = 0.8) -> float:
        """Return how many times the information of one look is needed at the end, at worst."""
        alpha = self.fixed.alpha
        fixed = scipy.stats.norm.isf(alpha / 2) + scipy.stats.norm.ppf(power)
        times, criticals = self._times(), self._criticals()
        drift = scipy.optimize.brentq(
            lambda d: crossing_probability(times, criticals, d) - power, 0.0, 2 * fixed
        )
        return float((drift / fixed) ** 2)

    def _times(self) -> list[float]:
        return [(i + 1) / self.looks for i in range(self.looks)]

    def _criticals(self) -> list[float]:
        alpha = self.fixed.alpha
        spent_by = [spent(self.spending, t, alpha) for t in self._times()]
        return [float(c) for c in bounds(self._times(), spent_by)]


@dataclass(frozen=True, slots=True)
class DaysLeft:
    """Days of traffic still needed; inf where `reason` says that no amount will do."""

    days: float
    reason: str = ""


def spread_of_effects(counts: VideoCounts, arm: int) -> float:
    """Return the s.d. over videos of the true difference from control, by moments.

    The variance of the observed differences less that of the clicks; 0 where that is negative.

    Args:
        counts: of videos with views in both arms, at least two each.
        arm: column of the arm.
    """
    columns = [arm, CONTROL]
    seen = np.all(counts.views[:, columns] > 1, axis=1)
    ctr, views = counts.ctr[seen][:, columns], counts.views[seen][:, columns]
    noise = (ctr * (1 - ctr) / (views - 1)).sum(axis=1).mean()
    observed = np.var(ctr[:, 0] - ctr[:, 1], ddof=1)
    return float(np.sqrt(max(observed - noise, 0.0)))


def days_left(
    standard_error: float, days_so_far: float, target: float, floor: float = 0.0
) -> DaysLeft:
    """Return the days until the standard error reaches a target at the present traffic.

    The clicks' part of the variance falls as 1 / days; the part that is the spread of effects over
    videos, `floor`² (spread_of_effects over the root of the number of videos), stays.

    Raises:
        InputError: for numbers that cannot be.
    """
    for name, value in (
        ("standard_error", standard_error),
        ("days_so_far", days_so_far),
        ("target", target),
    ):
        if not value > 0:
            raise InputError(f"{name} == {value}, must be positive")
    if target >= standard_error:
        return DaysLeft(0.0)
    falling = standard_error**2 - floor**2
    if target <= floor or falling <= 0:
        why = (
            f"the effects' spread over videos alone gives a standard error of {floor}: "
            "more videos are needed, not more days"
        )
        return DaysLeft(float("inf"), why)
    days = days_so_far * falling / (target**2 - floor**2)
    return DaysLeft(float(days - days_so_far))


def one_video_power(ctr: float, lift: float, views_per_arm: int, alpha: float = 0.05) -> float:
    """Return the power of two proportions for a single video."""
    from statsmodels.stats.proportion import power_proportions_2indep

    difference = ctr * lift
    return float(
        power_proportions_2indep(difference, ctr, views_per_arm, alpha=alpha, return_results=False)
    )


def one_video_views_needed(ctr: float, lift: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return the views in each arm that a single video needs."""
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

    needed = samplesize_proportions_2indep_onetail(ctr * lift, ctr, power, alpha=alpha)
    return int(np.ceil(needed))
