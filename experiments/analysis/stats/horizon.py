"""Horizons: what may be said of comparisons at the moment at which they are looked at.

The same contrasts are read in three ways. At a fixed horizon they are looked at once. Always
valid, they may be looked at at any moment. Group-sequentially, at a few planned looks. Each gives
the critical values that intervals are made with, and the p-values that agree with them. `share` is
the part of the error that a plan gives to the way: one that may decide while it runs and once more
at its planned end divides it between the two, and errs at most as often as both (Bonferroni).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import scipy

from experiments.analysis.stats.contrast import Contrast, t_critical, t_tail, t_with_tail
from experiments.analysis.stats.normal_mixture import mixture_critical, mixture_p_value, tightest
from experiments.analysis.stats.results import ArmMeans, Mode
from experiments.analysis.stats.simultaneous import MaxT, contrast_correlation, max_t
from experiments.analysis.stats.spending import Spending, bounds, spent

SMALLEST_ALPHA = 1e-12  # as far as bounds are computed; a p-value is no larger
TOO_EARLY = "it is too early in the plan to say anything"
WIDEST = 1e4  # standard errors; wider intervals say nothing
PLANNED = Spending.OBRIEN_FLEMING_TWO_SIDED


@dataclass(frozen=True, slots=True)
class Judged:
    """One contrast, read alone and together with the others; nan where it cannot be tested.

    Attributes:
        alone: the critical |T| of its own interval.
        together: the critical |T| of the interval that holds together with the others'.
        p_value: below 1 - level exactly where |T| is above `alone`.
        p_value_adjusted: below 1 - level exactly where |T| is above `together`.
        reason: why nothing can be said at this moment; else empty.
    """

    alone: float = np.nan
    together: float = np.nan
    p_value: float = np.nan
    p_value_adjusted: float = np.nan
    reason: str = ""


class Horizon(Protocol):
    """A way to read contrasts."""

    @property
    def mode(self) -> Mode:
        """The way in words."""

    def judge(
        self, means: ArmMeans, contrasts: Sequence[Contrast], level: float
    ) -> tuple[Judged, ...]:
        """Return each contrast read at a level of confidence."""

    def boundary(self, alpha: float, level: float, looks: int) -> "Boundary | None":
        """Return the looks so far and their bounds; None where it is looked at once.

        Args:
            alpha: of one comparison.
            level: of all of them.
            looks: how often it was looked at so far, where that is not planned.
        """


@dataclass(frozen=True, slots=True)
class Boundary:
    """The looks so far, (L,) each: information in any unit, and bounds of |Z|."""

    information: tuple[float, ...]
    criticals: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class FixedHorizon:
    """Looked at once. All comparisons hold together by the multivariate t.

    The largest |T| is read with each comparison's own degrees of freedom (Hasler & Hothorn 2008,
    "Multiple contrast tests in the presence of heteroscedasticity", Biometrical Journal 50).
    """

    share: float = 1.0
    mode: Mode = Mode.FIXED_HORIZON

    def judge(
        self, means: ArmMeans, contrasts: Sequence[Contrast], level: float
    ) -> tuple[Judged, ...]:
        """Return each contrast by its t distribution."""
        own = 1 - self.share * (1 - level)
        joint = _joint(means, contrasts)
        by_df = {c.df: replace(joint, df=c.df) for c in contrasts if joint and not c.reason}
        criticals = {df: (t_critical(own, df), one.critical(own)) for df, one in by_df.items()}
        return tuple(
            Judged()
            if c.reason
            else Judged(
                *criticals[c.df],
                p_value=_of_share(c.p_value, self.share),
                p_value_adjusted=_of_share(by_df[c.df].p_value(c.statistic), self.share),
            )
            for c in contrasts
        )

    def boundary(self, alpha: float, level: float, looks: int) -> None:
        """Return nothing: it is looked at once."""


@dataclass(frozen=True, slots=True)
class AlwaysValid:
    """Looked at as often as one likes, by the normal mixture; comparisons together by Bonferroni.

    Attributes:
        elapsed: share of the planned time that is over, above 0. The band is tightest at 1. Time
            stands for information, so that the tuning does not depend on the data.
    """

    elapsed: float
    share: float = 1.0
    mode: Mode = Mode.ALWAYS_VALID

    def critical(self, alpha: float, level: float) -> float:
        """Return the critical |Z| for an alpha, tuned for the level's own."""
        return mixture_critical(self._x(level), self.share * alpha)

    def judge(
        self,
        means: ArmMeans,  # noqa: ARG002
        contrasts: Sequence[Contrast],
        level: float,
    ) -> tuple[Judged, ...]:
        """Return each contrast by its Z, the normal value with the tail of its t."""
        x = self._x(level)
        return _by_bonferroni(
            contrasts,
            1 - level,
            lambda alpha: self.critical(alpha, level),
            lambda z: _of_share(mixture_p_value(z, x), self.share),
        )

    def boundary(self, alpha: float, level: float, looks: int) -> Boundary:
        """Return equally spaced looks, as one a day."""
        shares = [number / looks for number in range(1, looks + 1)]
        so_far = [AlwaysValid(share * self.elapsed, self.share) for share in shares]
        return Boundary(tuple(shares), tuple(one.critical(alpha, level) for one in so_far))

    def _x(self, level: float) -> float:
        return self.elapsed * tightest(self.share * (1 - level))


@dataclass(frozen=True, slots=True)
class GroupSequential:
    """Looked at a few times, by Lan-DeMets spending; comparisons together by Bonferroni.

    Attributes:
        information: at each look so far, in any unit, increasing, such as views.
        elapsed: share of the planned time at each look so far, which says how much of the error is
            spent (calendar time: Lan & DeMets 1989); 1 at the last.
    """

    information: tuple[float, ...]
    elapsed: tuple[float, ...]
    mode: Mode = Mode.GROUP_SEQUENTIAL

    def critical(self, alpha: float) -> float:
        """Return the bound of |Z| at the latest look."""
        return self._bounds(alpha)[-1]

    def boundary(self, alpha: float, level: float, looks: int) -> Boundary:  # noqa: ARG002
        """Return the planned looks."""
        return Boundary(self.information, self._bounds(alpha))

    def _bounds(self, alpha: float) -> tuple[float, ...]:
        spent_by = [spent(PLANNED, elapsed, alpha) for elapsed in self.elapsed]
        return tuple(bounds(self.information, spent_by).tolist())

    def judge(
        self,
        means: ArmMeans,  # noqa: ARG002
        contrasts: Sequence[Contrast],
        level: float,
    ) -> tuple[Judged, ...]:
        """Return each contrast by its repeated confidence interval and p-value."""
        return _by_bonferroni(contrasts, 1 - level, self.critical, self._p_value)

    def _p_value(self, z: float) -> float:
        """Return the smallest alpha at which this look would cross (Jennison & Turnbull 9.3)."""

        def excess(log_alpha: float) -> float:
            return self.critical(float(np.exp(log_alpha))) - z

        low, high = np.log(SMALLEST_ALPHA), np.log(0.999)
        if excess(high) > 0:
            return 1.0
        if excess(low) <= 0:
            return SMALLEST_ALPHA
        return float(np.exp(scipy.optimize.brentq(excess, low, high, xtol=1e-6)))


@dataclass(frozen=True, slots=True)
class NotYet:
    """Not to be looked at yet, for a reason."""

    reason: str
    mode: Mode = Mode.GROUP_SEQUENTIAL

    def judge(
        self,
        means: ArmMeans,  # noqa: ARG002  the same question to every horizon
        contrasts: Sequence[Contrast],
        level: float,  # noqa: ARG002
    ) -> tuple[Judged, ...]:
        """Return nothing, with the reason."""
        return tuple(Judged(reason=self.reason) for _ in contrasts)

    def boundary(self, alpha: float, level: float, looks: int) -> None:
        """Return nothing."""


def normal_score(statistic: float, df: float) -> float:
    """Return the normal value with the tail of a t statistic."""
    size = -scipy.special.ndtri(t_tail(abs(statistic), df))
    # Past float64's smallest tail t and normal are told apart no more.
    return float(size) if np.isfinite(size) else abs(statistic)


def _by_bonferroni(
    contrasts: Sequence[Contrast],
    alpha: float,
    critical: Callable[[float], float],
    p_value: Callable[[float], float],
) -> tuple[Judged, ...]:
    tested = sum(not c.reason for c in contrasts)
    return tuple(_judged(c, tested, alpha, critical, p_value) for c in contrasts)


def _judged(
    c: Contrast,
    tested: int,
    alpha: float,
    critical: Callable[[float], float],
    p_value: Callable[[float], float],
) -> Judged:
    if c.reason:
        return Judged()
    alone, together = (_in_t(critical(share), c.df) for share in (alpha, alpha / tested))
    if not together < WIDEST:
        return Judged(reason=TOO_EARLY)
    p = p_value(normal_score(c.statistic, c.df))
    return Judged(
        alone=alone,
        together=together,
        p_value=p,
        p_value_adjusted=min(1.0, tested * p),
    )


def _in_t(critical: float, df: float) -> float:
    """Return the t value with the tail of a normal critical value."""
    return t_with_tail(float(scipy.special.ndtr(-critical)), df)


def _of_share(p_value: float, share: float) -> float:
    return float(np.minimum(1.0, p_value / share))  # nan stays nan


def _joint(means: ArmMeans, contrasts: Sequence[Contrast]) -> MaxT | None:
    tested = [(p, c) for p, c in zip(means.pairs, contrasts, strict=True) if not c.reason]
    if not tested:
        return None
    # Each contrast takes its own degrees of freedom in place of these (Hasler & Hothorn 2008): one
    # that few videos tell does not weaken the others.
    return max_t(contrast_correlation(means, tuple(p for p, _ in tested)), tested[0][1].df)
