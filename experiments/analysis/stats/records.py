"""Counts and sums, as the statistics room takes them in: checked at the door.

Shape legend: V videos, K arms (index 0 is the control), S strata, N rows.
"""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from experiments.analysis.stats.errors import InputError
from experiments.unit import Unit

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

CONTROL = 0  # the control is always the first arm
LEVEL = 0.95  # confidence of every interval for which no other is asked
LARGEST_COUNT = 2**53  # beyond it float64 no longer tells whole numbers apart


@dataclass(frozen=True, slots=True, eq=False)
class VideoCounts:
    """Views and clicks of every video in every arm.

    Attributes:
        video_ids: distinct ids, int64 (V,).
        arms: distinct arm keys (K,), the control first.
        views: impressions n_kv, int64 (V, K), not negative.
        clicks: clicks x_kv, int64 (V, K), at most the views.
        are_amounts: whether the clicks are sums of amounts, as milliseconds watched, and no part
            of the views.
    """

    video_ids: IntArray
    arms: tuple[str, ...]
    views: IntArray
    clicks: IntArray
    are_amounts: bool = False

    def __post_init__(self) -> None:
        arms, shape = _checked_block(self.arms, self.video_ids)
        views = whole_numbers("views", self.views, shape)
        clicks = whole_numbers("clicks", self.clicks, shape)
        _check_clicks_fit(clicks, views, are_amounts=self.are_amounts)
        _freeze(
            self, video_ids=_distinct_ids(self.video_ids), arms=arms, views=views, clicks=clicks
        )

    @property
    def ctr(self) -> FloatArray:
        """Click-through rate c_kv, float64 (V, K); nan where an arm has no views."""
        return ratio_or_nan(self.clicks, self.views)

    def arm_index(self, arm: str) -> int:
        """Return the column of an arm; raise InputError for an unknown key."""
        return index_of_arm(self.arms, arm)

    def where(self, keep: BoolArray) -> Self:
        """Return the videos for which `keep` (V,) is true."""
        return replace(
            self,
            video_ids=self.video_ids[keep],
            views=self.views[keep],
            clicks=self.clicks[keep],
        )

    def as_ratios(self) -> "VideoRatios":
        """Return the same data as a ratio metric: clicks over views."""
        return VideoRatios(self.video_ids, self.arms, self.clicks.astype(np.float64), self.views)


@dataclass(frozen=True, slots=True, eq=False)
class StratifiedCounts:
    """Views and clicks by stratum, video and arm.

    A stratum is a span in which the arms' shares did not change, such as a phase.

    Attributes:
        video_ids: distinct ids, int64 (V,).
        arms: distinct arm keys (K,), the control first.
        shares: of each arm in each stratum, float64 (S, K), not negative; only their ratios within
            a stratum matter.
        views: impressions, int64 (S, V, K), not negative.
        clicks: int64 (S, V, K), at most the views.
        are_amounts: as in VideoCounts.
    """

    video_ids: IntArray
    arms: tuple[str, ...]
    shares: FloatArray
    views: IntArray
    clicks: IntArray
    are_amounts: bool = False

    def __post_init__(self) -> None:
        arms, shape = _checked_block(self.arms, self.video_ids)
        strata = len(self.shares)
        views = whole_numbers("views", self.views, (strata, *shape))
        clicks = whole_numbers("clicks", self.clicks, (strata, *shape))
        _check_clicks_fit(clicks, views, are_amounts=self.are_amounts)
        _freeze(
            self,
            video_ids=_distinct_ids(self.video_ids),
            arms=arms,
            shares=amounts("shares", self.shares, (strata, len(arms))),
            views=views,
            clicks=clicks,
        )

    @classmethod
    def constant(cls, counts: VideoCounts) -> Self:
        """Return the one stratum of an experiment whose shares never changed."""
        shares = np.ones((1, len(counts.arms)))
        return cls(
            counts.video_ids,
            counts.arms,
            shares,
            counts.views[None],
            counts.clicks[None],
            counts.are_amounts,
        )

    def of_arms(self, columns: list[int]) -> Self:
        """Return some arms alone, by their columns; the first is the control of the others."""
        return replace(
            self,
            arms=tuple(self.arms[column] for column in columns),
            shares=self.shares[:, columns],
            views=self.views[:, :, columns],
            clicks=self.clicks[:, :, columns],
        )

    @property
    def strata(self) -> tuple[VideoCounts, ...]:
        """The counts of each stratum, (S,)."""
        return tuple(
            VideoCounts(self.video_ids, self.arms, views, clicks, self.are_amounts)
            for views, clicks in zip(self.views, self.clicks, strict=True)
        )

    def total(self) -> VideoCounts:
        """Return the counts added up over the strata."""
        views, clicks = self.views.sum(axis=0), self.clicks.sum(axis=0)
        return VideoCounts(self.video_ids, self.arms, views, clicks, self.are_amounts)


@dataclass(frozen=True, slots=True, eq=False)
class VideoRatios:
    """Any ratio metric by video and arm: bytes per view, failures per view, long watches per view.

    Attributes:
        video_ids: distinct ids, int64 (V,).
        arms: distinct arm keys (K,), the control first.
        numerators: sums of the metric, float64 (V, K), finite and not negative.
        denominators: counts it is divided by, int64 (V, K), not negative.
    """

    video_ids: IntArray
    arms: tuple[str, ...]
    numerators: FloatArray
    denominators: IntArray

    def __post_init__(self) -> None:
        arms, shape = _checked_block(self.arms, self.video_ids)
        numerators = amounts("numerators", self.numerators, shape)
        denominators = whole_numbers("denominators", self.denominators, shape)
        if np.any(numerators[denominators == 0] != 0):
            raise InputError("numerators must be 0 where denominators == 0: nothing was counted")
        _freeze(
            self,
            video_ids=_distinct_ids(self.video_ids),
            arms=arms,
            numerators=numerators,
            denominators=denominators,
        )

    @property
    def ratios(self) -> FloatArray:
        """The metric by video and arm, float64 (V, K); nan where nothing was counted."""
        return ratio_or_nan(self.numerators, self.denominators)


@dataclass(frozen=True, slots=True, eq=False)
class ViewerVideoSums:
    """Sums by (viewer, video, arm), never one row per impression; rows may repeat a cell.

    Attributes:
        viewer_ids: int64 (N,).
        video_ids: int64 (N,).
        stratum: of each row, int64 (N,), in 0 … S-1.
        arm_index: the column of each row's arm, int64 (N,), in 0 … K-1.
        views: int64 (N,), not negative.
        clicks: int64 (N,), at most the views.
        arms: distinct arm keys (K,), the control first.
        shares: of each arm in each stratum, float64 (S, K), as in StratifiedCounts.
        are_amounts: as in VideoCounts.
    """

    viewer_ids: IntArray
    video_ids: IntArray
    stratum: IntArray
    arm_index: IntArray
    views: IntArray
    clicks: IntArray
    arms: tuple[str, ...]
    shares: FloatArray
    are_amounts: bool = False

    def __post_init__(self) -> None:
        arms = _checked_arms(self.arms)
        shape = (np.size(self.viewer_ids),)
        views = whole_numbers("views", self.views, shape)
        clicks = whole_numbers("clicks", self.clicks, shape)
        _check_clicks_fit(clicks, views, are_amounts=self.are_amounts)
        _freeze(
            self,
            viewer_ids=_ids("viewer_ids", self.viewer_ids, shape),
            video_ids=_ids("video_ids", self.video_ids, shape),
            stratum=_places("stratum", self.stratum, shape, len(self.shares)),
            arm_index=_places("arm_index", self.arm_index, shape, len(arms)),
            views=views,
            clicks=clicks,
            arms=arms,
            shares=amounts("shares", self.shares, (len(self.shares), len(arms))),
        )

    def units(self, unit: Unit) -> IntArray:
        """Return how many units have any view in each arm of each stratum, (S, K).

        A unit is a viewer, or a viewer with a video.
        """
        strata, arms = self.shares.shape
        seen = self.views > 0
        place = self.stratum[seen] * arms + self.arm_index[seen]
        video = self.video_ids[seen] if unit is Unit.VIEWER_VIDEO else np.zeros_like(place)
        units = np.unique(np.stack([place, self.viewer_ids[seen], video]), axis=1)
        return np.bincount(units[0], minlength=strata * arms).reshape(strata, arms)

    def of_arms(self, columns: list[int]) -> Self:
        """Return some arms alone, by their columns; the first is the control of the others."""
        place = np.full(len(self.arms), -1)
        place[columns] = np.arange(len(columns))
        kept = self.where(place[self.arm_index] >= 0)
        return replace(
            kept,
            arm_index=place[kept.arm_index],
            arms=tuple(self.arms[column] for column in columns),
            shares=self.shares[:, columns],
        )

    def where(self, keep: BoolArray) -> Self:
        """Return the rows for which `keep` (N,) is true."""
        names = ("viewer_ids", "video_ids", "stratum", "arm_index", "views", "clicks")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})


def ratio_or_nan(numerators: NDArray[Any], denominators: NDArray[Any]) -> FloatArray:
    """Divide, with nan (never 0) where the denominator is 0."""
    out = np.full(denominators.shape, np.nan)
    np.divide(numerators, denominators, out=out, where=denominators > 0)
    return out


def ratio_or_zero(numerators: NDArray[Any], denominators: NDArray[Any]) -> FloatArray:
    """Divide, with 0 where the denominator is 0: for sums, to which such a term adds nothing."""
    out = np.zeros(denominators.shape)
    np.divide(numerators, denominators, out=out, where=denominators > 0)
    return out


def index_of_arm(arms: tuple[str, ...], arm: str) -> int:
    """Return an arm's column; raise InputError for a key that is not among the arms."""
    if arm not in arms:
        raise InputError(f"arm == {arm!r}, must be one of {list(arms)}")
    return arms.index(arm)


def check_level(level: float) -> float:
    """Return a confidence level strictly between 0 and 1, or raise InputError."""
    if not 0 < level < 1:
        raise InputError(f"level == {level}, must be between 0 and 1, such as 0.95")
    return float(level)


def whole_numbers(name: str, values: ArrayLike, shape: tuple[int, ...]) -> IntArray:
    """Return values as a read-only int64 array of the given shape, or raise InputError."""
    array = _numeric(name, values, shape)
    if array.dtype.kind == "f" and np.any(array != np.floor(array)):
        odd = array[array != np.floor(array)][0]
        raise InputError(f"{name} has {odd}, must be whole numbers")
    if array.size and array.min() < 0:
        raise InputError(f"{name} has {array.min()}, must not be negative")
    if array.size and array.max() > LARGEST_COUNT:
        raise InputError(f"{name} has {array.max()}, must be at most {LARGEST_COUNT}")
    return _read_only(array.astype(np.int64, copy=False))


def amounts(name: str, values: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Return values as read-only, finite, non-negative float64, or raise InputError."""
    array = _numeric(name, values, shape)
    if array.size and array.min() < 0:
        raise InputError(f"{name} has {array.min()}, must not be negative")
    return _read_only(array.astype(np.float64, copy=False))


def _numeric(name: str, values: ArrayLike, shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.asarray(values)
    if array.shape != shape:
        raise InputError(f"{name}.shape == {array.shape}, must be {shape}")
    if array.size == 0:
        return np.zeros(shape, dtype=np.int64)
    if array.dtype.kind not in "iuf":
        raise InputError(f"{name} has type {array.dtype}, must be numbers")
    if array.dtype.kind == "f" and not np.all(np.isfinite(array)):
        raise InputError(f"{name} has {array[~np.isfinite(array)][0]}, must be finite numbers")
    return array


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    # A view, so that the caller's own array stays as writable as it was.
    view = array.view()
    view.flags.writeable = False
    return view


def _places(name: str, values: ArrayLike, shape: tuple[int, ...], size: int) -> IntArray:
    places = whole_numbers(name, values, shape)
    if places.size and places.max() >= size:
        raise InputError(f"{name} == {places.max()}, must be below {size}")
    return places


def _ids(name: str, values: ArrayLike, shape: tuple[int, ...]) -> IntArray:
    array = _numeric(name, values, shape)
    if array.dtype.kind == "f":
        raise InputError(f"{name} has type {array.dtype}, must be integer ids")
    return _read_only(array.astype(np.int64, copy=False))


def _distinct_ids(values: ArrayLike) -> IntArray:
    ids = _ids("video_ids", values, (np.size(values),))
    if np.all(ids[1:] > ids[:-1]):
        return ids
    unique, counts = np.unique(ids, return_counts=True)
    if unique.size < ids.size:
        raise InputError(
            f"video_ids has {unique[counts > 1][0]} twice, must be distinct: sum first"
        )
    return ids


def _checked_block(
    arms: tuple[str, ...], ids: ArrayLike
) -> tuple[tuple[str, ...], tuple[int, int]]:
    keys = _checked_arms(arms)
    return keys, (np.size(ids), len(keys))


def _checked_arms(arms: tuple[str, ...]) -> tuple[str, ...]:
    keys = tuple(arms)
    if len(keys) < 2:
        raise InputError(f"arms == {keys}, must be a control and at least one other arm")
    if len(set(keys)) < len(keys) or not all(isinstance(key, str) and key for key in keys):
        raise InputError(f"arms == {keys}, must be distinct, non-empty keys")
    return keys


def _check_clicks_fit(clicks: IntArray, views: IntArray, *, are_amounts: bool) -> None:
    if are_amounts:
        clicks = np.where(views > 0, 0, clicks)  # nothing can be watched without a view
    if np.any(clicks > views):
        at = np.argwhere(clicks > views)[0]
        found, of = clicks[tuple(at)], views[tuple(at)]
        where = tuple(int(i) for i in at)
        raise InputError(f"clicks == {found} at {where}, must be at most the views there, {of}")


def _freeze(record: object, **fields: object) -> None:
    # The one way to normalise the fields of a frozen dataclass.
    for name, value in fields.items():
        object.__setattr__(record, name, value)
