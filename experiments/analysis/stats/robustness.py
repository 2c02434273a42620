"""Robustness checks beside the one test: other routes to the same question.

None of them decides. Each looks within videos, so a large disagreement with the paired test points
at a few videos, at skewed differences, or at effects that vary over videos.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from experiments.analysis.stats.contrast import ROUNDING
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.records import LEVEL, FloatArray, IntArray, check_level
from experiments.analysis.stats.results import ALONE, Estimate
from experiments.analysis.stats.standardise import Columns
from experiments.unit import Unit

BLOCKED = (Unit.VIEWER_VIDEO, Unit.IMPRESSION)


@dataclass(frozen=True, slots=True)
class RobustnessChecks:
    """Tests of the sharp null of no effect on any impression, except Wilcoxon's.

    Attributes:
        odds_ratio: Mantel-Haenszel's common odds ratio.
        cmh_p_value: Cochran-Mantel-Haenszel test over cells of stratum and video.
        wilcoxon_p_value: signed ranks of the differences by video.
        permutation_p_value: clicks dealt anew within each cell; see permutation_p_value.
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
    arms: tuple[str, ...], columns: Columns, unit: Unit, *, level: float = LEVEL
) -> tuple[RobustnessChecks, ...]:
    """Check each arm against its control, in the order of the columns.

    The blocks are the cells of stratum and video: within one the arms had the same shares at the
    same time, so that a change of shares while rates drift is no difference.

    Args:
        arms: (K,) keys.
        columns: what the comparisons are of.
        unit: what was randomised.
        level: of the intervals.

    Raises:
        DesignError: where arms are not dealt out within videos by impression or (viewer, video):
            these tests would take dependent clicks for independent ones.
    """
    refuse_unblocked(unit, "the checks within videos")
    check_level(level)
    own = range(len(columns.arms))
    pairs = [(arm, int(columns.baselines[arm])) for arm in own]
    return tuple(
        _checks((arms[columns.arms[pair[0]]], arms[columns.arms[pair[1]]]), columns, pair, level)
        for pair in pairs
        if pair[1] not in (pair[0], ALONE)
    )


def _checks(
    names: tuple[str, str], columns: Columns, pair: tuple[int, int], level: float
) -> RobustnessChecks:
    cells = columns.mix[:, :, pair[0]] > 0  # (S, V)
    views, clicks = (of[:, :, list(pair)][cells] for of in (columns.views, columns.clicks))
    reason = _why_nothing_to_check(views, clicks)
    if reason:
        nothing = Estimate(np.nan, np.nan, np.nan, level, reason)
        return RobustnessChecks(*names, nothing, np.nan, np.nan, np.nan, reason)
    odds_ratio, cmh = _mantel_haenszel(views, clicks, level)
    ctr = columns.ctr[columns.included[:, pair[0]]][:, list(pair)]
    wilcoxon = _signed_ranks(ctr[:, 0] - ctr[:, 1])
    permuted = permutation_p_value(views, clicks, columns.mix[:, :, pair[0]][cells])
    return RobustnessChecks(*names, odds_ratio, cmh, wilcoxon, permuted)


def _signed_ranks(differences: FloatArray) -> float:
    """Return Wilcoxon's p-value; 1 where no video differs but by rounding."""
    if np.abs(differences).max() <= ROUNDING:
        return 1.0
    return float(scipy.stats.wilcoxon(differences, method="approx").pvalue)


def permutation_p_value(views: IntArray, clicks: IntArray, weights: FloatArray) -> float:
    """Return the p-value of a mean difference when clicks are dealt anew within each block.

    Given a block's clicks X over N views, the clicks of an arm with n views are hypergeometric;
    mean and variance of the weighted sum of differences are exact, its distribution is taken as
    normal (the sum runs over all blocks and clicks).

    Args:
        views: of the two arms, (B, 2), none 0.
        clicks: (B, 2).
        weights: of each block's difference, (B,).
    """
    both, total = views.sum(axis=1), clicks.sum(axis=1)
    share = total / both
    # Var x_1 = n_1 n_0 share (1 - share) / (N - 1); the difference is x_1 N / (n_1 n_0) + const.
    variance = share * (1 - share) * both**2 / (views.prod(axis=1) * np.maximum(both - 1, 1))
    ctr = clicks / views
    z = np.sum(weights * (ctr[:, 0] - ctr[:, 1])) / np.sqrt(np.sum(weights**2 * variance))
    return float(2 * scipy.stats.norm.sf(abs(z)))


def refuse_unblocked(unit: Unit, what: str) -> None:
    """Raise DesignError unless arms are dealt out within videos, impression by impression."""
    if unit not in BLOCKED:
        raise DesignError(
            f"unit == {unit.value!r}, must be one of {[u.value for u in BLOCKED]} for {what}: "
            "with this unit clicks in a video are not exchangeable between arms"
        )


def _mantel_haenszel(views: IntArray, clicks: IntArray, level: float) -> tuple[Estimate, float]:
    from statsmodels.stats.contingency_tables import StratifiedTable

    cells = np.stack([clicks, views - clicks]).astype(np.float64)  # (clicked?, B, arm)
    table = StratifiedTable(cells.transpose(2, 0, 1))  # (arm, clicked?, B)
    with np.errstate(divide="ignore"):  # an arm without clicks
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
