"""Sample-ratio checks of repeated views, and at every look."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import FloatArray, IntArray, VideoCounts, whole_numbers
from experiments.analysis.stats.srm import ALARM_P, SampleRatio, shares

# Weight of the prior: as if this many units had been seen at the promised shares.
CONCENTRATION = 1000.0


@dataclass(frozen=True, slots=True, eq=False)
class SequentialRatio:
    """An always-valid sample-ratio check: p-value at each look, (T,), and the first alarm."""

    p_values: FloatArray
    threshold: float

    @property
    def alarm_at(self) -> int | None:
        """Number of the first look (from 1) with an alarm; None when none has."""
        hits = np.flatnonzero(self.p_values < self.threshold)
        return int(hits[0]) + 1 if hits.size else None


def srm_by_video(
    counts: VideoCounts, weights: ArrayLike, *, threshold: float = ALARM_P
) -> SampleRatio:
    """Check views against the weights with videos as clusters: repeated views are allowed for.

    Hotelling's T² of the per-video excesses n_kv - w_k n_v over the arms with weight > 0. Not for
    assignment by viewer or by video, whose units are to be counted instead (see srm).

    Raises:
        InputError: for weights that cannot be.
    """
    share = shares(weights, (len(counts.arms),))
    legal = np.flatnonzero(share > 0)
    views = counts.views[:, legal]
    totals = views.sum(axis=1, keepdims=True)
    excess = (views - share[legal] * totals)[:, 1:]  # (V, K'-1): the excesses of a video sum to 0
    statistic, p_value, reason = _hotelling(excess[totals[:, 0] > 0])
    return SampleRatio(
        arms=counts.arms,
        observed=tuple(counts.views.sum(axis=0).tolist()),
        expected=tuple((share * totals.sum()).tolist()),
        statistic=statistic,
        df=excess.shape[1],
        p_value=p_value,
        forbidden=tuple(np.where(share > 0, 0, counts.views.sum(axis=0)).tolist()),
        threshold=threshold,
        reason=reason,
    )


def sequential_srm(
    units: ArrayLike, weights: ArrayLike, *, threshold: float = ALARM_P
) -> SequentialRatio:
    """Check the units at every look, valid however often one looks.

    Lindon & Malek (2020, arXiv 2011.03567): the Dirichlet-multinomial mixture over the promised
    multinomial is a martingale; one over its largest value so far is an always-valid p-value.
    Whenever the weights change a new phase begins, and the ratios of the phases multiply.

    Args:
        units: new units at each look, by arm, (T, K).
        weights: (K,), or of each look, (T, K).
        threshold: the p-value below which a look is an alarm.

    Raises:
        InputError: for units or weights that cannot be.
    """
    given = np.asarray(weights, dtype=np.float64)
    added = np.asarray(units)
    if added.ndim != 2 or added.shape[1] != given.shape[-1]:
        raise InputError(f"units.shape == {added.shape}, must be (T, {given.shape[-1]})")
    added = whole_numbers("units", added, (added.shape[0], added.shape[1]))
    share = np.array([shares(row, added.shape[1:]) for row in np.broadcast_to(given, added.shape)])
    logs, finished, start = np.zeros(added.shape[0]), 0.0, 0
    for look in range(added.shape[0]):
        if look and not np.array_equal(share[look], share[look - 1]):
            finished, start = float(logs[look - 1]), look
        seen = added[start : look + 1].sum(axis=0)
        logs[look] = finished + _log_mixture_ratio(seen, share[look])
    highest = np.maximum.accumulate(np.maximum(logs, 0.0))
    return SequentialRatio(np.exp(-highest), threshold)


def _log_mixture_ratio(seen: IntArray, share: FloatArray) -> float:
    legal = share > 0
    if seen[~legal].any():
        return float(np.inf)  # impossible under the promise
    seen, share = seen[legal], share[legal]
    prior = CONCENTRATION * share
    mixture = scipy.special.gammaln(CONCENTRATION) - scipy.special.gammaln(
        CONCENTRATION + seen.sum()
    )
    mixture += np.sum(scipy.special.gammaln(prior + seen) - scipy.special.gammaln(prior))
    return float(mixture - np.sum(seen * np.log(share)))


def _hotelling(excess: FloatArray) -> tuple[float, float, str]:
    videos, size = excess.shape
    if size == 0 or videos <= size + 1:
        return np.nan, np.nan, f"{videos} videos with views: too few to check {size + 1} arms"
    mean = excess.mean(axis=0)
    spread = np.atleast_2d(np.cov(excess, rowvar=False))
    if np.linalg.matrix_rank(spread) < size:
        return np.nan, np.nan, "the split of the views does not vary between videos"
    statistic = float(videos * mean @ np.linalg.solve(spread, mean))
    scaled = statistic * (videos - size) / (size * (videos - 1))
    return statistic, float(scipy.stats.f.sf(scaled, size, videos - size)), ""
