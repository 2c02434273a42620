"""Direct standardisation: rates of strata with other shares, put together by one mix.

Where the shares change while click rates drift, sums over time set one arm's early views against
another's late ones, and show a difference that no arm made. Within a stratum the shares are
constant, so its arms are comparable. A video's rates in its strata are put together by one mix,
common to the arms compared (Fleiss, Levin & Paik 2003, section 19.2; the published like for
experiments is Optimizely's Epoch Stats Engine):

    c̃_kv = Σ_s w_sv c_ksv,   w_sv = n_·sv / Σ_r n_·rv

over the strata s in which every compared arm has a share, and views of the video.

Shape legend: S strata, V videos, K arms, C columns. A column is one arm over one set of strata.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.stats.records import (
    CONTROL,
    BoolArray,
    FloatArray,
    IntArray,
    StratifiedCounts,
    ratio_or_nan,
    ratio_or_zero,
)
from experiments.analysis.stats.results import ALONE


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """Arms compared over the same strata: those in which each of them had a share.

    Attributes:
        arms: the control first; a single arm where it never met the control.
        strata: bool (S,).
    """

    arms: tuple[int, ...]
    strata: BoolArray


def groups(shares: FloatArray) -> tuple[Group, ...]:
    """Return the groups of arms, the largest first; every arm is in one, the control in each.

    Args:
        shares: of each arm in each stratum, (S, K).
    """
    has_share = shares > 0
    met: dict[bytes, list[int]] = {}
    for arm in range(CONTROL + 1, shares.shape[1]):
        met.setdefault((has_share[:, arm] & has_share[:, CONTROL]).tobytes(), []).append(arm)
    alone = met.pop(np.zeros(len(shares), dtype=np.bool_).tobytes(), [])
    together = [
        Group((CONTROL, *arms), np.frombuffer(strata, dtype=np.bool_))
        for strata, arms in met.items()
    ]
    together.sort(key=lambda group: -len(group.arms))
    if not together:
        alone.insert(0, CONTROL)
    return (*together, *(Group((arm,), has_share[:, arm]) for arm in alone))


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Columns to estimate, group beside group.

    Attributes:
        arms: the arm of each column, (C,).
        baselines: the column of each column's control, (C,); ALONE where there is none.
        mix: w_sv, (S, V, C); it sums to 1 over the strata of a video that counts, else to 0.
        views, clicks: of each column's arm, (S, V, C); 0 where the mix is 0.
    """

    arms: IntArray
    baselines: IntArray
    mix: FloatArray
    views: IntArray
    clicks: IntArray

    @property
    def included(self) -> BoolArray:
        """The videos that count in each column, (V, C)."""
        return np.asarray(self.mix.any(axis=0))

    @property
    def weights(self) -> FloatArray:
        """W_s, the stratum's share of the views of a column's group, (S, C)."""
        return _shares_of(self.views.sum(axis=1) @ self._same_group)

    @property
    def cell_ctr(self) -> FloatArray:
        """c_ksv, (S, V, C); 0 where the mix is 0."""
        return ratio_or_zero(self.clicks, self.views)

    @property
    def ctr(self) -> FloatArray:
        """c̃_kv, (V, C); nan where the video does not count."""
        return np.where(self.included, (self.mix * self.cell_ctr).sum(axis=0), np.nan)

    @property
    def pooled_cell_ctr(self) -> FloatArray:
        """p_ks, clicks over views of all videos of a stratum, (S, C); 0 without views."""
        return ratio_or_zero(self.clicks.sum(axis=1), self.views.sum(axis=1))

    @property
    def pooled_ctr(self) -> FloatArray:
        """Σ_s W_s p_ks, (C,); nan without views."""
        pooled = (self.weights * self.pooled_cell_ctr).sum(axis=0)
        return np.where(self.included.any(axis=0), pooled, np.nan)

    @property
    def expected_events(self) -> FloatArray:
        """Clicks that each column would have at the rate of its group, (C,)."""
        clicks, views = self.clicks.sum(axis=(0, 1)), self.views.sum(axis=(0, 1))
        rate = ratio_or_zero(clicks @ self._same_group, views @ self._same_group)
        return np.asarray(rate * self.pooled_effective_views)

    @property
    def pooled_effective_views(self) -> FloatArray:
        """Views that would tell as much of a pooled CTR in one stratum, (C,).

        (Σ W)² / Σ (W² / n), Kish (1965).
        """
        return _effective(self.weights, self.views.sum(axis=1))

    @property
    def mean_effective_views(self) -> FloatArray:
        """Views that would tell as much of an mCTR in one cell, (C,); see the above."""
        shape = (-1, len(self.arms))
        return _effective(self.mix.reshape(shape), self.views.reshape(shape))

    @property
    def ctr_effective_views(self) -> FloatArray:
        """Views that would tell as much of c̃_kv in one stratum, (V, C); see the above."""
        return _effective(self.mix, self.views)

    @property
    def _same_group(self) -> BoolArray:
        """Which columns are of one group, (C, C)."""
        group = np.where(self.baselines == ALONE, np.arange(len(self.arms)), self.baselines)
        return np.asarray(group[:, None] == group)


def paired_columns(
    counts: StratifiedCounts, found: Sequence[Group], included: Sequence[BoolArray]
) -> Columns:
    """Return the columns of the groups where a video is shown in every arm.

    Args:
        counts: of the strata.
        found: the groups.
        included: the videos that count in each group, (V,).
    """
    mixes = [
        _mix(np.where(keep[:, None], comparable_cells(counts, group), 0).sum(axis=2), group)
        for group, keep in zip(found, included, strict=True)
    ]
    return _columns(counts, found, np.concatenate(mixes, axis=2))


def assigned_columns(
    counts: StratifiedCounts,
    found: Sequence[Group],
    included: Sequence[BoolArray],
    min_views: int,
) -> Columns:
    """Return the columns of the groups where a video is shown in one arm; see paired_columns.

    The mix of a video is over the strata in which it was in the column's arm.
    """
    mixes = []
    for group, keep in zip(found, included, strict=True):
        views = counts.views[:, :, list(group.arms)]
        counting = (views >= min_views) & group.strata[:, None, None] & keep[:, None]
        mixes.append(_shares_of(np.where(counting, views, 0)))
    return _columns(counts, found, np.concatenate(mixes, axis=2))


def comparable_views(counts: StratifiedCounts, group: Group) -> IntArray:
    """Return the views of a group's arms in the strata that compare them, (V, len(arms))."""
    return np.asarray(comparable_cells(counts, group).sum(axis=0))


def comparable_cells(counts: StratifiedCounts, group: Group) -> IntArray:
    """Return the views of a group's arms, (S, V, len(arms)); 0 where not every arm has some."""
    views = counts.views[:, :, list(group.arms)]
    seen = np.all(views > 0, axis=2) & group.strata[:, None]
    return np.where(seen[:, :, None], views, 0)


def _columns(counts: StratifiedCounts, found: Sequence[Group], mix: FloatArray) -> Columns:
    arms = np.concatenate([group.arms for group in found])
    return Columns(
        arms=arms,
        baselines=_baselines([len(group.arms) for group in found]),
        mix=mix,
        views=np.where(mix > 0, counts.views[:, :, arms], 0),
        clicks=np.where(mix > 0, counts.clicks[:, :, arms], 0),
    )


def _baselines(sizes: list[int]) -> IntArray:
    starts = np.cumsum([0, *sizes[:-1]])
    first = [start if size > 1 else ALONE for start, size in zip(starts, sizes, strict=True)]
    return np.repeat(first, sizes)


def _mix(views: IntArray, group: Group) -> FloatArray:
    """Return w_sv of views (S, V), the same for each arm of the group: (S, V, len(arms))."""
    return np.repeat(_shares_of(views)[:, :, None], len(group.arms), axis=2)


def _effective(weights: FloatArray, views: IntArray) -> FloatArray:
    """Return (Σ w)² / Σ (w² / n) over the first axis; 0 where nothing has weight."""
    spread = ratio_or_zero(weights**2, views).sum(axis=0)
    return ratio_or_zero(weights.sum(axis=0) ** 2, spread)


def _shares_of(values: NDArray[Any]) -> FloatArray:
    """Return each stratum's part of the sum over strata; 0 of 0."""
    whole = np.broadcast_to(values.sum(axis=0), values.shape)
    return ratio_or_zero(values, whole)


def joined(counts: StratifiedCounts) -> tuple[StratifiedCounts, IntArray]:
    """Return the counts with strata of equal shares as one, and the new place of each, (S,).

    A pause, or a ramp that lets more units in, changes no arm's share of the units that are in.
    """
    shares = np.round(_shares_of(counts.shares.T).T, 9)
    rows, place = np.unique(shares, axis=0, return_inverse=True)
    order = np.unique(place, return_index=True)[1].argsort()  # as they first came
    place = order.argsort()[place]
    if len(rows) == len(shares):  # none is like another
        return replace(counts, shares=rows[order]), place
    into = (place == np.arange(len(rows))[:, None]).astype(np.int64)  # (S', S)
    views, clicks = (np.tensordot(into, table, 1) for table in (counts.views, counts.clicks))
    return replace(counts, shares=rows[order], views=views, clicks=clicks), place


def rates_of_span(views: IntArray, clicks: IntArray) -> FloatArray:
    """Return each arm's clicks per view in a span such as a day, over its strata by one mix.

    The strata are those in which every arm seen in the span was seen; where there is none, the
    arms never met and their rates are plain.

    Args:
        views: (S, K).
        clicks: (S, K).

    Returns:
        (K,), nan for an arm that was not seen.
    """
    seen = views.sum(axis=0) > 0
    met = np.all(views[:, seen] > 0, axis=1)
    if not met.any():
        return ratio_or_nan(clicks.sum(axis=0), views.sum(axis=0))
    mix = _shares_of(np.where(met, views.sum(axis=1), 0)[:, None])
    rates = (mix * ratio_or_zero(clicks, views)).sum(axis=0)
    return np.where(seen, rates, np.nan)
