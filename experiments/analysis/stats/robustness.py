"""Robustness checks beside the one test: other routes to the same question.

None of them decides. Each looks within videos, so a large disagreement with the paired test points
at a few videos, at skewed differences, or at effects that vary over videos.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from statsmodels.stats.contingency_tables import StratifiedTable

from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.records import (
    CONTROL,
    LEVEL,
    FloatArray,
    IntArray,
    VideoCounts,
    check_level,
)
from experiments.analysis.stats.results import Estimate, Inclusion
from experiments.unit import Unit

BLOCKED = (Unit.VIEWER_VIDEO, Unit.IMPRESSION)


@dataclass(frozen=True, slots=True)
class RobustnessChecks:
    """Tests of the sharp null of no effect on any impression, except Wilcoxon's.

    Attributes:
        odds_ratio: Mantel-Haenszel's common odds ratio.
        cmh_p_value: Cochran-Mantel-Haenszel test over videos.
        wilcoxon_p_value: signed ranks of the per-video differences.
        permutation_p_value: clicks dealt anew within each video; see permutation_p_value.
        reason: why values are nan; empty when they are not.
    """

    arm: str
    baseline: str
    odds_ratio: Estimate
    cmh_p_value: float
    wilcoxon_p_value: float
    permutation_p_value: float
    reason: str = ""


def robustness_checks(
    counts: VideoCounts,
    unit: Unit,
    inclusion: Inclusion,
    arm: int,
    baseline: int = CONTROL,
    *,
    level: float = LEVEL,
) -> RobustnessChecks:
    """Check one comparison over the included videos.

    Raises:
        DesignError: where arms are not dealt out within videos by impression or (viewer, video):
            these tests would take dependent clicks for independent ones.
    """
    refuse_unblocked(unit, "the checks within videos")
    kept = counts.where(inclusion.included)
    columns = [arm, baseline]
    views, clicks = kept.views[:, columns], kept.clicks[:, columns]
    names = (counts.arms[arm], counts.arms[baseline])
    reason = _why_nothing_to_check(views, clicks)
    if reason:
        nothing = Estimate(np.nan, np.nan, np.nan, level, reason)
        return RobustnessChecks(*names, nothing, np.nan, np.nan, np.nan, reason)
    odds_ratio, cmh = _mantel_haenszel(views, clicks, check_level(level))
    ctr = clicks / views
    wilcoxon = scipy.stats.wilcoxon(ctr[:, 0], ctr[:, 1], method="approx").pvalue
    return RobustnessChecks(
        *names, odds_ratio, cmh, float(wilcoxon), permutation_p_value(views, clicks)
    )


def permutation_p_value(views: IntArray, clicks: IntArray) -> float:
    """Return the p-value of the mean difference when clicks are dealt anew within each video.

    Given a video's clicks X over N views, the clicks of an arm with n views are hypergeometric;
    mean and variance of the mean difference over videos are exact, its distribution is taken as
    normal (the sum runs over all videos and clicks).

    Args:
        views: of the two arms, (V, 2), none 0.
        clicks: (V, 2).
    """
    both, total = views.sum(axis=1), clicks.sum(axis=1)
    share = total / both
    # Var x_1 = n_1 n_0 share (1 - share) / (N - 1); the difference is x_1 N / (n_1 n_0) + const.
    variance = share * (1 - share) * both**2 / (views.prod(axis=1) * np.maximum(both - 1, 1))
    ctr = clicks / views
    z = np.sum(ctr[:, 0] - ctr[:, 1]) / np.sqrt(variance.sum())
    return float(2 * scipy.stats.norm.sf(abs(z)))


def refuse_unblocked(unit: Unit, what: str) -> None:
    """Raise DesignError unless arms are dealt out within videos, impression by impression."""
    if unit not in BLOCKED:
        raise DesignError(
            f"unit == {unit.value!r}, must be one of {[u.value for u in BLOCKED]} for {what}: "
            "with this unit clicks in a video are not exchangeable between arms"
        )


def _mantel_haenszel(views: IntArray, clicks: IntArray, level: float) -> tuple[Estimate, float]:
    cells = np.stack([clicks, views - clicks]).astype(np.float64)  # (clicked?, V, arm)
    table = StratifiedTable(cells.transpose(2, 0, 1))  # (arm, clicked?, V)
    ratio = table.oddsratio_pooled
    if not 0 < ratio < np.inf:
        why = "an arm has no clicks, or no views without one, beside the other's"
        odds_ratio = Estimate(float(ratio), np.nan, np.nan, level, why)
    else:
        low, high = table.oddsratio_pooled_confint(alpha=1 - level)
        odds_ratio = Estimate(float(ratio), float(low), float(high), level)
    return odds_ratio, float(table.test_null_odds(correction=False).pvalue)


def _why_nothing_to_check(views: IntArray, clicks: FloatArray | IntArray) -> str:
    if not views.size:
        return "no video counts"
    if clicks.sum() in {0, views.sum()}:
        return "no views were clicked, or all were: there is nothing to compare"
    return ""
