"""Effects of an arm slice by slice of a cut, and whether they differ more than chance lets them.

The effect in a slice is the log ratio of the arm's pooled CTR to the control's there, by one mix of
strata for both. Errors are those of the design: the spread between videos, and what viewers carry
from video to video on top (Cameron, Gelbach & Miller 2011), or viewers alone where videos are few.
The slices of a cut share videos and viewers, so that their errors go together; every test here is
made with that covariance. Effects that fade are read with the number of views that a viewer had
before: θ(n) = a + b / n, whose limit a is the steady state (after Sadeghi et al. 2022, "Novelty
and primacy: a long-term estimator for online experiments", Technometrics 64).

Shape legend: V videos, L slices, S strata, K arms.
"""

from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.contrast import MIN_EVENTS
from experiments.analysis.stats.cut_moments import CutMoments
from experiments.analysis.stats.horizon import Horizon
from experiments.analysis.stats.pooled import LEAST_DF
from experiments.analysis.stats.records import (
    CONTROL,
    FloatArray,
    IntArray,
    ratio_or_nan,
    ratio_or_zero,
)
from experiments.analysis.stats.results import ArmMeans, Comparison, Estimate, Method
from experiments.analysis.stats.simultaneous import nearest_psd
from experiments.analysis.stats.skewed import df_of_weights
from experiments.analysis.stats.two_way import FEW_VIDEOS

NO_CLICKS = "no click in one of the two arms"
NEVER_MET = "the arm and the control were never shown at the same shares"
FEW_CLICKS = f"fewer than {MIN_EVENTS} clicks expected in one of the two arms"
FEW_MAKE_MOST = "a few videos or viewers make most of the views"
ALL_ALIKE = "fewer than two slices with enough clicks"
REFERENCE = ""
# t with more of them is normal to 1 %, and slices that share theirs share a critical value.
MANY_DF = 200


@dataclass(frozen=True, slots=True, eq=False)
class SliceEffects:
    """The effects of one arm in the L slices of a cut.

    Attributes:
        log_ratios: of the arm's pooled CTR to the control's, (L,); nan where `reasons` says why.
        covariance: of these, (L, L).
        df: degrees of freedom of each, (L,).
        views: of both arms in each slice, (L,).
        reasons: why a slice cannot be told; else empty, (L,).
    """

    log_ratios: FloatArray
    covariance: FloatArray
    df: FloatArray
    views: IntArray
    reasons: tuple[str, ...]

    @property
    def told(self) -> IntArray:
        """The places of the slices that can be told."""
        return np.flatnonzero([not reason for reason in self.reasons])


@dataclass(frozen=True, slots=True)
class Departure:
    """A slice beside all views.

    Attributes:
        ratio: clicks that the arm's effect brings in the slice, over those that it brings over all
            views, minus 1.
        p_value: that it is 0, adjusted for the slices of the cut.
    """

    ratio: Estimate
    p_value: float


@dataclass(frozen=True, slots=True)
class Fading:
    """An effect that changes with the number of views that a viewer had before.

    Attributes:
        steady: the lift that it comes to; its `reason` says why nothing can be told.
        fade: by how much more it lifts at a viewer's first view than in the steady state.
        p_value: that it does not change.
    """

    steady: Estimate
    fade: Estimate
    p_value: float


def slice_effects(moments: CutMoments, shares: FloatArray, arm: int) -> SliceEffects:
    """Return the effects of an arm in every slice.

    Args:
        moments: of all views.
        shares: of each arm in each stratum, (S, K).
        arm: its column.
    """
    linear = _Linear.of(moments, shares, arm)
    both = moments.by_video[:, 0][..., [CONTROL, arm]].sum(axis=(2, 3))  # (V, L)
    videos = int((both > 0).any(axis=1).sum())
    df = df_of_weights(ratio_or_zero(both, np.broadcast_to(both.sum(axis=0), both.shape)))
    if videos < FEW_VIDEOS:
        # The viewers are the sample, and the sentence is about these very videos.
        scale = moments.viewers / max(moments.viewers - 1, 1)
        covariance = linear.squares(moments.of_viewers) * scale
        df = np.full(df.shape, max(moments.viewers - 1, 1), dtype=np.float64)
    else:
        scores = linear.scores(moments)
        carried = nearest_psd(linear.squares(moments.of_viewers - moments.of_pairs))
        covariance = scores.T @ scores + carried
    df = np.minimum(np.floor(df), MANY_DF)
    reasons = tuple(
        _reason(*found) for found in zip(linear.log_ratios, linear.events, df, strict=True)
    )
    return SliceEffects(linear.log_ratios, covariance, df, both.sum(axis=0), reasons)


def lifts(effects: SliceEffects, level: float, horizon: Horizon) -> tuple[Comparison | None, ...]:
    """Return each slice's effect as a comparison of log ratios with 0; None where it is not told.

    Their intervals hold together for the slices of the cut, and for the looks of the horizon.
    """
    keep = effects.told
    found = _read(
        effects.log_ratios[keep],
        effects.covariance[np.ix_(keep, keep)],
        effects.df[keep],
        level,
        horizon,
    )
    by_place = dict(zip(keep.tolist(), found, strict=True))
    return tuple(by_place.get(place) for place in range(len(effects.reasons)))


def departures(
    effects: SliceEffects, level: float, horizon: Horizon
) -> tuple[Departure | None, ...]:
    """Return how each slice's effect differs from that over all slices; None where not told.

    The smallest p-value is that of the hypothesis that the effect is the same in all slices.
    """
    keep = effects.told
    none: tuple[None, ...] = (None,) * len(effects.reasons)
    if keep.size < 2:
        return none
    share = effects.views[keep] / effects.views[keep].sum()
    apart = np.eye(keep.size) - share  # rows: one slice minus the mean of all
    covariance = apart @ effects.covariance[np.ix_(keep, keep)] @ apart.T
    found = _read(apart @ effects.log_ratios[keep], covariance, effects.df[keep], level, horizon)
    by_place = {
        int(place): Departure(as_lift(line.simultaneous_difference), line.p_value_adjusted)
        for place, line in zip(keep, found, strict=True)
    }
    return tuple(by_place.get(place) for place in range(len(none)))


def fading(
    effects: SliceEffects, reciprocals: FloatArray, level: float, horizon: Horizon
) -> Fading:
    """Return the steady state of an effect over slices by the number of views.

    Args:
        effects: in each slice.
        reciprocals: the mean of 1 / n in each slice, n counting a viewer's views from 1, (L,).
        level: of confidence.
        horizon: the way in which it is looked at.
    """
    keep = effects.told
    if np.unique(reciprocals[keep]).size < 2:
        nothing = Estimate(np.nan, np.nan, np.nan, level, ALL_ALIKE)
        return Fading(nothing, nothing, np.nan)
    covariance = effects.covariance[np.ix_(keep, keep)]
    design = np.column_stack([np.ones(keep.size), reciprocals[keep]])
    weighted = design.T / np.diag(covariance)
    solved = np.linalg.solve(weighted @ design, weighted)  # (2, L)
    df = np.full(2, effects.df[keep].min())
    steady, fade = _read(
        solved @ effects.log_ratios[keep], solved @ covariance @ solved.T, df, level, horizon
    )
    return Fading(as_lift(steady.difference), as_lift(fade.difference), fade.p_value)


def as_lift(found: Estimate) -> Estimate:
    """Return an estimate of a log ratio as a lift."""
    numbers = (found.value, found.low, found.high)
    value, low, high = (float(np.expm1(number)) for number in numbers)
    return replace(found, value=value, low=low, high=high)


@dataclass(frozen=True, slots=True, eq=False)
class _Linear:
    """An arm's log ratios as sums over clicks and views, one a slice.

    Attributes:
        log_ratios: (L,); nan where they are not defined.
        events: clicks that each of the two arms can expect, the fewer of both, (L,).
        pair: the columns of the control and of the arm.
        rates: p of the two in each stratum, (L, S, 2).
        per_click: what one click adds to the log ratio, (L, S, 2).
    """

    log_ratios: FloatArray
    events: FloatArray
    pair: list[int]
    rates: FloatArray
    per_click: FloatArray

    @classmethod
    def of(cls, moments: CutMoments, shares: FloatArray, arm: int) -> "_Linear":
        pair = [CONTROL, arm]
        views, clicks = moments.totals[..., pair]  # (L, S, 2) each
        met = np.all((shares[:, pair] > 0) & (views > 0), axis=2)
        seen = np.where(met, views.sum(axis=2), 0)
        mix = ratio_or_zero(seen, np.broadcast_to(seen.sum(axis=1, keepdims=True), seen.shape))
        rates = ratio_or_zero(clicks, views)
        means = (mix[..., None] * rates).sum(axis=1)  # (L, 2)
        defined = np.all(means > 0, axis=1)
        ratio = ratio_or_nan(means[:, 1], np.where(defined, means[:, 0], 0.0))
        of_all = ratio_or_zero(clicks.sum(axis=2), views.sum(axis=2))
        expected = (np.where(met, of_all, 0.0)[..., None] * views).sum(axis=1).min(axis=1)
        per_view = ratio_or_zero(np.broadcast_to(mix[..., None], views.shape), views)
        per_click = np.array([-1.0, 1.0]) * ratio_or_zero(
            per_view, np.broadcast_to(means[:, None], views.shape)
        )
        log_ratios = np.log(ratio, out=np.full(ratio.shape, np.nan), where=ratio > 0)
        return cls(log_ratios, expected, pair, rates, per_click)

    def scores(self, moments: CutMoments) -> FloatArray:
        """Return the jackknife's scores of the videos, (V, L); see `pooled_means`."""
        views, clicks = np.moveaxis(moments.by_video, 1, 0)[..., self.pair]  # (V, L, S, 2)
        whole = np.broadcast_to(moments.totals[0][..., self.pair], views.shape)
        left = 1 - ratio_or_zero(views, whole)
        residuals = ratio_or_zero(clicks - self.rates * views, left)
        return np.asarray((residuals * self.per_click).sum(axis=(2, 3)))

    def squares(self, moments: FloatArray) -> FloatArray:
        """Return Σ ss' of the clusters' scores, (L, L), of their Σ zz'."""
        slices, strata, _ = self.per_click.shape
        size = int(np.sqrt(moments.size)) // 2
        weights = np.zeros((slices, 2, slices, strata, size // (slices * strata)))
        own = np.arange(slices)
        for place, column in enumerate(self.pair):
            weights[own, 0, own, :, column] = -(self.rates * self.per_click)[..., place]
            weights[own, 1, own, :, column] = self.per_click[..., place]
        flat = weights.reshape(slices, 2 * size)
        return np.asarray(flat @ moments @ flat.T)


def _reason(log_ratio: float, events: float, df: float) -> str:
    if not events > 0:
        return NEVER_MET
    if events < MIN_EVENTS:
        return FEW_CLICKS
    if np.isnan(log_ratio):
        return NO_CLICKS
    return FEW_MAKE_MOST if df < LEAST_DF else ""


def _read(
    values: FloatArray, covariance: FloatArray, df: FloatArray, level: float, horizon: Horizon
) -> tuple[Comparison, ...]:
    """Compare values with 0: the tests of arms with a control that is known without error."""
    size = values.size + 1
    padded = np.zeros((size, size))
    padded[1:, 1:] = covariance
    means = ArmMeans(
        arms=(REFERENCE, *map(str, range(values.size))),
        means=np.concatenate([[0.0], values]),
        terms=(("clusters", padded),),
        df=np.concatenate([[np.inf], df]),
        videos=np.zeros(size, np.int64),
        events=np.full(size, np.inf),
        method=Method.TWO_WAY,
    )
    return compare(means, level=level, horizon=horizon) if values.size else ()
