"""Sample-ratio mismatch: whether the arms got the units that their weights promise.

Counts here are of randomised units (viewers, videos or viewer-video pairs). Impressions are such
units only when each impression is randomised by itself; repeated views of one unit are not
independent draws, and `srm_by_video` is the check that allows for them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import FloatArray, amounts, whole_numbers

_SMALLEST = float(np.finfo(np.float64).tiny)
ALARM_P = 0.001  # Fabijan et al. (2019): a check that runs every day must seldom cry wolf


@dataclass(frozen=True, slots=True)
class SampleRatio:
    """A sample-ratio check.

    Attributes:
        observed, expected: units by arm, (K,).
        statistic, df, p_value: of the test; nan where `reason` says why.
        forbidden: units in arms of weight 0, by arm, (K,); any is an alarm of its own.
        threshold: the p-value below which the check is an alarm.
    """

    arms: tuple[str, ...]
    observed: tuple[int, ...]
    expected: tuple[float, ...]
    statistic: float
    df: int
    p_value: float
    forbidden: tuple[int, ...]
    threshold: float
    reason: str = ""

    @property
    def mismatch(self) -> bool:
        """Whether the shares differ beyond chance."""
        return bool(self.p_value < self.threshold)

    @property
    def alarm(self) -> bool:
        """Whether anything is wrong: a mismatch, or units in an arm of weight 0."""
        return self.mismatch or any(self.forbidden)


def srm(
    arms: tuple[str, ...],
    units: ArrayLike,
    weights: ArrayLike,
    *,
    threshold: float = ALARM_P,
) -> SampleRatio:
    """Check the units of each arm against the weights by Pearson's chi-square.

    Only arms with weight > 0 count in the degrees of freedom.

    Args:
        arms: (K,) keys.
        units: randomised units by arm, (K,).
        weights: (K,), not negative, not all 0; they need not sum to 1.
        threshold: the p-value below which the check is an alarm.

    Raises:
        InputError: for units or weights that cannot be.
    """
    size = (len(arms),)
    counted, share = whole_numbers("units", units, size), shares(weights, size)
    legal = share > 0
    expected = share * counted[legal].sum()
    statistic, p_value, reason = np.nan, np.nan, ""
    if counted[legal].sum() and legal.sum() > 1:
        statistic, p_value = map(float, scipy.stats.chisquare(counted[legal], expected[legal]))
    else:
        reason = "no units yet in a phase with two arms of weight > 0"
    return SampleRatio(
        arms=tuple(arms),
        observed=tuple(counted.tolist()),
        expected=tuple(expected.tolist()),
        statistic=statistic,
        df=0 if reason else int(legal.sum()) - 1,
        p_value=p_value,
        forbidden=tuple(np.where(legal, 0, counted).tolist()),
        threshold=threshold,
        reason=reason,
    )


def combined(ratios: Sequence[SampleRatio]) -> SampleRatio:
    """Join the checks of phases, each made against its own weights, into one.

    By Fisher's method (1925): -2 Σ ln p is chi-square with two degrees of freedom a phase. Phases
    without a test add their units alone; one phase is its own check.

    Raises:
        InputError: for no phase at all.
    """
    if not ratios:
        raise InputError("ratios == [], must hold at least one")
    if len(ratios) == 1:
        return ratios[0]
    p_values = np.array([ratio.p_value for ratio in ratios if not np.isnan(ratio.p_value)])
    statistic, p_value = np.nan, np.nan
    if p_values.size:
        found = scipy.stats.combine_pvalues(np.maximum(p_values, _SMALLEST), method="fisher")
        statistic, p_value = float(found.statistic), float(found.pvalue)
    columns = zip(*(zip(r.observed, r.expected, r.forbidden, strict=True) for r in ratios),
                  strict=True)  # fmt: skip
    observed, expected, forbidden = zip(
        *(tuple(map(sum, zip(*column, strict=True))) for column in columns), strict=True
    )
    return SampleRatio(
        arms=ratios[0].arms,
        observed=observed,
        expected=expected,
        statistic=statistic,
        df=2 * p_values.size,
        p_value=p_value,
        forbidden=forbidden,
        threshold=ratios[0].threshold,
        reason="" if p_values.size else ratios[0].reason,
    )


def shares(weights: ArrayLike, size: tuple[int, ...]) -> FloatArray:
    """Return weights (K,) as shares that sum to 1; raise InputError when they cannot."""
    checked = amounts("weights", weights, size)
    if not checked.sum() > 0:
        raise InputError(f"weights == {checked.tolist()}, must not all be 0")
    return np.asarray(checked / checked.sum())
