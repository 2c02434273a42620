"""A share of trials with its interval: one way for all that is counted as so many of so many."""

from typing import Literal

import numpy as np

from experiments.analysis.stats.records import LEVEL
from experiments.analysis.stats.results import Estimate


def proportion(
    hits: int, trials: int, *, level: float = LEVEL, method: Literal["wilson", "beta"] = "wilson"
) -> Estimate:
    """Return hits over trials; nan with a reason where there are no trials.

    Args:
        hits: how many of the trials.
        trials: how many there were.
        level: of the interval.
        method: "wilson" covers at the level on average, "beta" (Clopper & Pearson 1934) at least.
    """
    if not trials:
        return Estimate(np.nan, np.nan, np.nan, level, "nothing was tried")
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(hits, trials, 1 - level, method=method)
    return Estimate(hits / trials, float(low), float(high), level)
