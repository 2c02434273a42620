"""The arm that a unit gets: a pure function of the experiment's plan and two numbers.

Version 1 of the specification is docs/assignment.md, with test vectors. One hash serves the
vectorised and the one-by-one path: both run `_hash`, on numpy arrays or on Python integers.

Independence: every question ("which slice of the layer", "held back", "in the ramp", "which arm")
has keys of its own, drawn by SHA-256 from its name and the salt.

Stability: arms own intervals of the grid [0, 2^32). `reallocate` hands over exactly the surplus of
the arms that shrink to the arms that grow, so that the share of units that move is the total
variation distance between old and new shares, which no other scheme can undercut.
"""

import hashlib
import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.errors import ExperimentError
from experiments.unit import Unit

GRID = 1 << 32
UNIT_BITS = 63  # units are numbers in [0, 2^63): they fit Postgres' bigint
_MASK = (1 << 64) - 1
_MIX_1, _MIX_2 = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB

Outcome = Literal["in", "layer", "holdback", "ramp"]
OUT_OF_EXPERIMENT = -1
Word = Any  # an int or uint64 [n]: one arithmetic serves both


@dataclass(frozen=True, slots=True)
class Allocation:
    """The intervals of [0, 2^32) that arms own.

    Attributes:
        uppers: ends of the intervals, ascending; the last is 2^32.
        arms: the arm index that owns each interval.
    """

    uppers: tuple[int, ...]
    arms: tuple[int, ...]

    def shares(self) -> dict[int, float]:
        """Return each arm's exact share of the units: its propensity."""
        return {arm: size / GRID for arm, size in self.sizes().items()}

    def sizes(self) -> dict[int, int]:
        """Return how many of the 2^32 points each arm owns."""
        sizes: dict[int, int] = {}
        lower = 0
        for upper, arm in zip(self.uppers, self.arms, strict=True):
            sizes[arm] = sizes.get(arm, 0) + upper - lower
            lower = upper
        return sizes


@dataclass(frozen=True, slots=True)
class Assignment:
    """What a unit gets.

    Attributes:
        arm: the arm's index, or None where the unit is not in the experiment.
        propensity: probability of this arm given that the unit is in; nan where it is not.
        outcome: "in", or what kept the unit out: its layer slice, the holdback or the ramp.
    """

    arm: int | None
    propensity: float
    outcome: Outcome


@dataclass(frozen=True)
class Plan:
    """All that decides assignment in one phase of an experiment.

    Attributes:
        salt: the experiment's own random text.
        unit: what is assigned and stays with its arm.
        allocation: which arm owns which part of the grid.
        ramp: share of the units that take part so far.
        holdback: share of the units that never take part.
        layer: name shared by experiments that must not share a viewer; "" for none.
        layer_from: start of the experiment's slice of the layer, in [0, 1].
        layer_to: end of the slice.
    """

    salt: str
    unit: Unit
    allocation: Allocation
    ramp: float = 1.0
    holdback: float = 0.0
    layer: str = ""
    layer_from: float = 0.0
    layer_to: float = 1.0

    def keys(self, question: str) -> tuple[int, int]:
        """Return the two 64-bit keys of one of the experiment's questions: in, ramp or arm."""
        return _keys(question, self.unit, self.salt)

    @cached_property
    def arm_keys(self) -> tuple[int, int]:
        """Keys of the question that decides the arm."""
        return self.keys("arm")

    @cached_property
    def gates(self) -> tuple[tuple[Assignment, tuple[int, int], int, int], ...]:
        """What a unit must pass, as (refusal, keys, from, to): its point must be in [from, to)."""
        gates = []
        if self.holdback:
            gates.append((_OUT["holdback"], self.keys("in"), threshold(self.holdback), GRID))
        if self.ramp < 1:
            gates.append((_OUT["ramp"], self.keys("ramp"), 0, threshold(self.ramp)))
        return tuple(gates)

    @cached_property
    def layer_gate(self) -> tuple[tuple[int, int], int, int]:
        """Keys and bounds of the layer's slice."""
        bounds = threshold(self.layer_from), threshold(self.layer_to)
        return (_keys("layer", "viewer", self.layer), *bounds)

    @cached_property
    def assignments(self) -> dict[int, Assignment]:
        """The one record for each arm that `assign` hands out."""
        return {a: Assignment(a, p, "in") for a, p in self.allocation.shares().items()}


_OUT: dict[Outcome, Assignment] = {
    "layer": Assignment(None, math.nan, "layer"),
    "holdback": Assignment(None, math.nan, "holdback"),
    "ramp": Assignment(None, math.nan, "ramp"),
}


def assign(plan: Plan, viewer: int, video: int) -> Assignment:
    """Return the arm of one viewer and video, both numbers in [0, 2^63)."""
    if not in_layer(plan, viewer):
        return _OUT["layer"]
    if plan.unit is Unit.VIEWER:
        video = 0
    elif plan.unit is Unit.VIDEO:
        viewer = 0
    for refusal, keys, lower, upper in plan.gates:
        if not lower <= _hash(keys, viewer, video) >> 32 < upper:
            return refusal
    point = _hash(plan.arm_keys, viewer, video) >> 32
    return plan.assignments[plan.allocation.arms[bisect_right(plan.allocation.uppers, point)]]


def in_layer(plan: Plan, viewer: int) -> bool:
    """Return whether the viewer is in the experiment's slice of its layer."""
    if not plan.layer:
        return True
    keys, lower, upper = plan.layer_gate
    point: int = _hash(keys, viewer, 0) >> 32
    return lower <= point < upper


def assign_many(
    plan: Plan, viewers: NDArray[np.integer[Any]], videos: NDArray[np.integer[Any]]
) -> NDArray[np.int16]:
    """Return the arm index of each (viewer, video); -1 where the unit is not in.

    Args:
        plan: the experiment's phase.
        viewers: whole numbers [n] in [0, 2^63).
        videos: whole numbers [n].
    """
    inside = np.ones(len(viewers), dtype=bool)
    if plan.layer:
        keys, lower, upper = plan.layer_gate
        points = _points(keys, viewers, np.zeros_like(viewers))
        inside &= (lower <= points) & (points < upper)
    if plan.unit is Unit.VIEWER:
        videos = np.zeros_like(videos)
    elif plan.unit is Unit.VIDEO:
        viewers = np.zeros_like(viewers)
    for _, keys, lower, upper in plan.gates:
        points = _points(keys, viewers, videos)
        inside &= (lower <= points) & (points < upper)
    uppers = np.array(plan.allocation.uppers, dtype=np.uint64)
    arms = np.array(plan.allocation.arms, dtype=np.int16)
    owners = np.searchsorted(uppers, _points(plan.arm_keys, viewers, videos), side="right")
    return np.where(inside, arms[owners], np.int16(OUT_OF_EXPERIMENT))


def allocate(weights: Mapping[int, float]) -> Allocation:
    """Give each arm, in the order of its index, one interval in proportion to its weight."""
    uppers, upper = [], 0
    quotas = {arm: size for arm, size in _quotas(weights).items() if size}
    for size in quotas.values():
        upper += size
        uppers.append(upper)
    return Allocation(tuple(uppers), tuple(quotas))


def reallocate(old: Allocation, weights: Mapping[int, float]) -> Allocation:
    """Change the shares to ``weights``, moving as few units as can be moved.

    An arm that shrinks gives up the top of its intervals; an arm that grows takes such pieces,
    lowest first, in the order of arm indexes. No other unit moves.
    """
    quotas = _quotas(weights)
    owned = old.sizes()
    surplus = {arm: size - quotas.get(arm, 0) for arm, size in owned.items()}
    pieces = _release(old, surplus)
    wanted = [[arm, size - owned.get(arm, 0)] for arm, size in sorted(quotas.items())]
    return _merge(_hand_over(pieces, [want for want in wanted if want[1] > 0]))


def _release(old: Allocation, surplus: dict[int, int]) -> list[tuple[int, int | None]]:
    """Cut each shrinking arm's surplus off its highest intervals: [(size, arm or None)]."""
    left = dict(surplus)
    pieces: list[tuple[int, int | None]] = []
    for i in reversed(range(len(old.uppers))):
        size = old.uppers[i] - (old.uppers[i - 1] if i else 0)
        arm = old.arms[i]
        freed = min(size, max(left[arm], 0))
        left[arm] -= freed
        pieces += [(freed, None), (size - freed, arm)]
    return [piece for piece in reversed(pieces) if piece[0]]


def _hand_over(
    pieces: list[tuple[int, int | None]], wanted: list[list[int]]
) -> list[tuple[int, int]]:
    """Give the ownerless pieces to the arms that want more, in order: [(size, arm)]."""
    owned: list[tuple[int, int]] = []
    for size, arm in pieces:
        if arm is not None:
            owned.append((size, arm))
            continue
        rest = size
        while rest:
            taker = wanted[0]
            taken = min(rest, taker[1])
            owned.append((taken, taker[0]))
            rest -= taken
            taker[1] -= taken
            if not taker[1]:
                wanted.pop(0)
    return owned


def _merge(owned: list[tuple[int, int]]) -> Allocation:
    uppers: list[int] = []
    arms: list[int] = []
    upper = 0
    for size, arm in owned:
        upper += size
        if arms and arms[-1] == arm:
            uppers[-1] = upper
        else:
            uppers.append(upper)
            arms.append(arm)
    return Allocation(tuple(uppers), tuple(arms))


def _quotas(weights: Mapping[int, float]) -> dict[int, int]:
    """Share out the 2^32 points by weight, by largest remainder, ties to the lower index."""
    total = math.fsum(weights.values())
    if not weights or not 0 < total < math.inf or min(weights.values()) < 0:
        raise ExperimentError(
            f"weights == {dict(weights)}, must be finite, not negative and not all zero"
        )
    exact = {arm: weights[arm] / total * GRID for arm in sorted(weights)}
    sizes = {arm: math.floor(points) for arm, points in exact.items()}
    missing = GRID - sum(sizes.values())
    for arm in sorted(exact, key=lambda arm: sizes[arm] - exact[arm])[:missing]:
        sizes[arm] += 1
    return sizes


@lru_cache(maxsize=4096)
def _keys(question: str, unit: str, salt: str) -> tuple[int, int]:
    label = f"coverlift/1/{question}/{unit}/{salt}"
    digest = hashlib.sha256(label.encode()).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big")


def threshold(share: float) -> int:
    """Return the point of the grid below which a share of all units lies."""
    return math.floor(share * GRID + 0.5)


def _mix(z: Word) -> Word:
    """Mix 64 bits: Steele, Lea and Flood's SplitMix64 finaliser (OOPSLA 2014, variant 13)."""
    z = ((z ^ (z >> 30)) * _MIX_1) & _MASK
    z = ((z ^ (z >> 27)) * _MIX_2) & _MASK
    return z ^ (z >> 31)


def _hash(keys: tuple[int, int], viewer: Word, video: Word) -> Word:
    return _mix(((_mix(viewer ^ keys[0]) + video) & _MASK) ^ keys[1])


def _points(
    keys: tuple[int, int], viewers: NDArray[np.integer[Any]], videos: NDArray[np.integer[Any]]
) -> NDArray[np.uint64]:
    """Return the places of n units, uint64 [n] in [0, 2^32)."""
    points: NDArray[np.uint64] = (
        _hash(keys, viewers.astype(np.uint64), videos.astype(np.uint64)) >> 32
    )
    return points
