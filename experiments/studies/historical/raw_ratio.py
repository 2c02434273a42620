"""The ratio of click rates of each pair by itself, with its interval."""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.records import LEVEL, FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class RawRatio:
    """Click rate of the arm over that of its control, less 1, of P pairs.

    Attributes:
        value: (P,), nan where the control has no clicks.
        low, high: (P,); inf where there is no upper limit, nan where neither arm has clicks.
    """

    value: FloatArray
    low: FloatArray
    high: FloatArray


def raw_ratio(
    impressions: FloatArray, clicks: FloatArray, dispersion: float, *, level: float = LEVEL
) -> RawRatio:
    """Return ratios with Wald's interval of the log ratio (Katz et al. 1978).

    Where one arm has no clicks its limit is the exact one of a binomial given the clicks of both
    (Clopper & Pearson 1934).

    Args:
        impressions: of control and arm, (P, 2), over 0.
        clicks: of control and arm, (P, 2).
        dispersion: variance of clicks over a binomial's.
        level: of the interval.
    """
    shown, clicked = (impressions[:, 0], impressions[:, 1]), (clicks[:, 0], clicks[:, 1])
    with np.errstate(divide="ignore", invalid="ignore"):  # what is not defined is put right below
        value = (clicked[1] / shown[1]) / (clicked[0] / shown[0])
        variance = sum(1 / x - 1 / n for x, n in zip(clicked, shown, strict=True))
        half = scipy.stats.norm.isf((1 - level) / 2) * np.sqrt(
            dispersion * np.maximum(variance, 0.0)
        )
        low, high = value * np.exp(-half), value * np.exp(half)
        # A share of clicks that is as likely as this never to be seen is the limit's.
        never = ((1 - level) / 2) ** (dispersion / clicks.sum(axis=1))
        limit = (1 - never) / never * shown[0] / shown[1]
        of_control = never / (1 - never) * shown[0] / shown[1]
    none = clicked[1] == 0
    low, high = np.where(none, 0.0, low), np.where(none, limit, high)
    no_base = clicked[0] == 0
    low, high = np.where(no_base, of_control, low), np.where(no_base, np.inf, high)
    undefined = none & no_base
    return RawRatio(
        np.where(no_base, np.nan, value) - 1,
        np.where(undefined, np.nan, low) - 1,
        np.where(undefined, np.nan, high) - 1,
    )
