"""The arm to ship for each video, and what that is worth against one arm for all."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.per_video import VideoLifts
from experiments.analysis.stats.records import (
    CONTROL,
    FloatArray,
    IntArray,
    VideoCounts,
    amounts,
    index_of_arm,
)


@dataclass(frozen=True, slots=True, eq=False)
class DecisionMap:
    """A map video -> arm, with the expected worth of it under the fitted model.

    Attributes:
        video_ids: (V,).
        arm_index: the arm to ship, column in `arms`, (V,).
        gained: expected clicks gained over control, by video, (V,).
        clicks: expected clicks with the map.
        clicks_of_one_arm: expected clicks with each arm shipped to all, (K,).
        regret_of_one_arm: what the map is expected to gain over each of them, (K,), never negative.
        best_single_arm: the arm whose shipping to all loses least.
    """

    arms: tuple[str, ...]
    video_ids: IntArray
    arm_index: IntArray
    gained: FloatArray
    clicks: float
    clicks_of_one_arm: tuple[float, ...]
    regret_of_one_arm: tuple[float, ...]
    best_single_arm: str

    def as_dict(self) -> dict[int, str]:
        """Return {video id: arm key}."""
        chosen = (self.arms[k] for k in self.arm_index.tolist())
        return dict(zip(self.video_ids.tolist(), chosen, strict=True))


def decide(
    counts: VideoCounts, lifts: Sequence[VideoLifts], *, traffic: ArrayLike | None = None
) -> DecisionMap:
    """Choose for each video the arm with the most expected clicks.

    Expected clicks are views to come times the posterior mean click rate (see VideoLifts); the
    control's rate is the mean of what its comparisons say.

    Args:
        counts: the data that the lifts were fitted to.
        lifts: one for every arm that is not the control.
        traffic: views to come by video, (V,); by default those that the experiment saw.

    Raises:
        InputError: if a lift is missing, doubled, not against control or of other videos.
    """
    rates = _rates(counts, lifts)
    shape = (counts.video_ids.size,)
    to_come = counts.views.sum(axis=1) if traffic is None else amounts("traffic", traffic, shape)
    worth = to_come[:, None] * rates  # expected clicks (V, K)
    best = rates.argmax(axis=1)
    highest = worth.max(axis=1, initial=0.0)
    of_one_arm = worth.sum(axis=0)
    return DecisionMap(
        arms=counts.arms,
        video_ids=counts.video_ids,
        arm_index=best,
        gained=highest - worth[:, CONTROL],
        clicks=float(highest.sum()),
        clicks_of_one_arm=tuple(of_one_arm.tolist()),
        regret_of_one_arm=tuple((highest[:, None] - worth).sum(axis=0).tolist()),
        best_single_arm=counts.arms[int(of_one_arm.argmax())],
    )


def _rates(counts: VideoCounts, lifts: Sequence[VideoLifts]) -> FloatArray:
    """Return expected clicks per view by video and arm, (V, K)."""
    columns = [index_of_arm(counts.arms, lift.arm) for lift in lifts]
    if sorted(columns) != list(range(1, len(counts.arms))):
        given = [lift.arm for lift in lifts]
        raise InputError(f"lifts are of {given}, must be one of each of {list(counts.arms[1:])}")
    for lift in lifts:
        if lift.baseline != counts.arms[CONTROL]:
            named = counts.arms[CONTROL]
            raise InputError(f"lift.baseline == {lift.baseline!r}, must be {named!r}")
        if not np.array_equal(lift.video_ids, counts.video_ids):
            raise InputError(f"lift of {lift.arm!r} is of other videos than counts")
    control = np.mean([lift.baseline_rate for lift in lifts], axis=0)
    rates = np.repeat(control[:, None], len(counts.arms), axis=1)
    for column, lift in zip(columns, lifts, strict=True):
        rates[:, column] += lift.arm_rate - lift.baseline_rate
    return rates
