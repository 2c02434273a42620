"""Arms that count views and next to no clicks: a click beacon that is dead, not a thumbnail.

No thumbnail loses nine in ten of its clicks, a page that does not send them loses all. A count
guard of this kind finds a dead beacon in minutes (Lindon & Malek 2020; Netflix's "Sequential
testing", part 2).
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.records import StratifiedCounts, ratio_or_nan

FEWEST_EXPECTED = 20.0  # clicks, below which their absence may be chance
DEAD_SHARE = 0.1  # of the clicks expected: at most so many are a dead arm's


@dataclass(frozen=True, slots=True)
class DeadArm:
    """An arm with a tenth of the clicks that its views would have in the other arms, or fewer.

    Attributes:
        views, clicks: of the arm.
        expected: clicks of as many views in the other arms, stratum by stratum.
        p_value: at most the chance of so few, if the arm were like the others.
    """

    arm: str
    views: int
    clicks: int
    expected: float
    p_value: float


def dead_arms(counts: StratifiedCounts) -> tuple[DeadArm, ...]:
    """Return the arms whose clicks are missing, in the order of the arms.

    The p-value is Poisson's lower tail at the arm's share of all clicks: that of a binomial, of
    which all clicks are known, is below it (Anderson & Samuels 1967).
    """
    views, clicks = counts.views.sum(axis=1), counts.clicks.sum(axis=1)  # (S, K)
    all_views, all_clicks = views.sum(axis=1, keepdims=True), clicks.sum(axis=1, keepdims=True)
    elsewhere = ratio_or_nan(all_clicks - clicks, all_views - views)
    expected = np.nan_to_num(views * elsewhere).sum(axis=0)
    shared = np.nan_to_num(views * ratio_or_nan(all_clicks, all_views)).sum(axis=0)
    seen, found = views.sum(axis=0), clicks.sum(axis=0)
    dead = (expected >= FEWEST_EXPECTED) & (found <= DEAD_SHARE * expected)
    return tuple(
        DeadArm(
            arm=counts.arms[k],
            views=int(seen[k]),
            clicks=int(found[k]),
            expected=float(expected[k]),
            p_value=float(scipy.stats.poisson.cdf(found[k], shared[k])),
        )
        for k in np.flatnonzero(dead).tolist()
    )
