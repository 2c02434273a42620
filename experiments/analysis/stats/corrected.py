"""Corrected estimates: a lift that was picked for being high is likely to be less.

Two things pick it. A test that stops at the first winner stops where chance was kind: the raw
estimate ran 1.1 to 1.8 times the truth. And the best of several arms is best by luck, too.
"""

from collections.abc import Sequence

import numpy as np
import scipy

from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.spending import crossing_probability

FURTHEST = 40.0  # standard errors below the estimate, where the search begins


def after_stopping(z: float, information: Sequence[float], criticals: Sequence[float]) -> float:
    """Return the median-unbiased estimate over the raw one, of a test that stopped at a look.

    The drift at which a result as extreme or more, in the stagewise ordering (an earlier stop is
    more extreme), is as likely as not: Whitehead 1997, section 5.3; Jennison & Turnbull 2000, 8.4.

    Args:
        z: |Z| at the last look, above its bound.
        information: at each look, increasing, in any unit.
        criticals: bounds of |Z| at each look; the last is not used.
    """

    def excess(drift: float) -> float:
        return crossing_probability(information, [*criticals[:-1], z], drift) - 0.5

    # Exactly half where earlier stops are out of the question, but for rounding.
    return 1.0 if excess(z) <= 0 else float(scipy.optimize.brentq(excess, 0.0, z, xtol=1e-9)) / z


def best_of(values: FloatArray, covariance: FloatArray, lowest: float) -> float:
    """Return the median-unbiased estimate of the largest of several, given that it is.

    The conditional estimate of Andrews, Kitagawa & McCloskey (2024, Quarterly Journal of Economics
    139, section 3), kept within the simultaneous interval as their hybrid one is.

    Args:
        values: of the arms, (J,).
        covariance: of their errors, (J, J).
        lowest: the lower limit of the largest's simultaneous interval.
    """
    best = int(np.argmax(values))
    value, error = float(values[best]), float(np.sqrt(covariance[best, best]))
    slopes = covariance[:, best] / covariance[best, best]
    others = np.flatnonzero((np.arange(values.size) != best) & (slopes < 1))
    if not others.size:
        return value
    # The best is best as long as its value is above this, whatever part of others goes with it.
    floor = float(np.max((values - slopes * value)[others] / (1 - slopes[others])))

    def excess(mean: float) -> float:
        above, kept = (value - mean) / error, (floor - mean) / error
        return float(scipy.special.log_ndtr(-above) - scipy.special.log_ndtr(-kept) - np.log(0.5))

    furthest = value - FURTHEST * error
    if excess(value) <= 0:  # nothing else was near
        return value
    found = -np.inf if excess(furthest) >= 0 else scipy.optimize.brentq(excess, furthest, value)
    return float(np.clip(found, min(lowest, value), value))
