"""Distances to a polyhedron on the CPU, one problem after another, compiled.

The polyhedron {v : a_j·v <= c_j} has unit normals a_j. Its point nearest to the origin is
v = -Σ λ_j a_j, where λ solves the dual problem (Lawson & Hanson 1974, chapter 23, LDP)

    min over λ >= 0 of ½ λᵀRλ + cᵀλ,    R_jk = a_j·a_k,    ‖v‖² = -cᵀλ.

The active set, the λ_j > 0, starts empty and takes in the constraint that v violates most until
none is violated (chapter 23, NNLS). It stays tiny, so a problem costs a few passes over n numbers.

Shapes: n constraints, B problems, k <= capacity active constraints.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thumbnailer.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-11  # of a constraint's violation, in the problem's unit of length
RIDGE = 1e-13  # on R's diagonal: active normals may be dependent; refinement takes it out again
FIRST_CAPACITY = 32
STEPS_PER_CONSTRAINT = 8  # more mean that rounding drives the active set in circles


def distances(cosines: Tensor, offsets: Tensor) -> Tensor:
    """Return (B,) distances of the origin to B polyhedra with the same normals.

    A problem that outgrows its active set is solved again with a larger one. What even n
    constraints do not solve is nan.

    Args:
        cosines: (n, n) float64 R; a row of zeros is a constraint that is never violated.
        offsets: (B, n) float64 c.
    """
    normals, problems = cosines.contiguous().numpy(), offsets.contiguous().numpy()
    capacity = FIRST_CAPACITY
    solved = _solve(normals, problems, capacity)
    while capacity < len(normals) and np.isnan(solved).any():
        capacity = min(4 * capacity, len(normals))
        left = np.flatnonzero(np.isnan(solved))
        solved[left] = _solve(normals, problems[left], capacity)
    return torch.from_numpy(solved)


def _solve(cosines: Floats, offsets: Floats, capacity: int) -> Floats:
    """Share the problems among as many threads as torch uses; nan where capacity is too small."""
    threads = torch.get_num_threads()
    if threads == 1:
        return np.asarray(_distances(cosines, offsets, capacity))  # a pool costs more than it does
    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(
            lambda part: _distances(cosines, part, capacity), np.array_split(offsets, threads)
        )
        return np.concatenate(list(parts))


class _Room(NamedTuple):
    """Room to work in, used again for every problem of a thread.

    Attributes:
        active: (capacity,) which constraints are active; the first k count, here and below.
        multipliers: (capacity,) their λ.
        goal: (capacity,) the λ that would be the optimum if it might be negative.
        factor: (capacity, capacity) lower Cholesky factor of R on the active set.
        slack: (n,) c + Rλ, by how much v keeps each constraint.
    """

    active: Ints
    multipliers: Floats
    goal: Floats
    factor: Floats
    slack: Floats


@compiled
def _distances(cosines: Floats, offsets: Floats, capacity: int) -> Floats:
    """(n, n), (B, n) -> (B,); nan where more than capacity constraints are active."""
    room = _Room(
        np.empty(capacity, np.int64),
        np.empty(capacity),
        np.empty(capacity),
        np.empty((capacity, capacity)),
        np.empty(len(cosines)),
    )
    result = np.empty(len(offsets))
    for problem in range(len(offsets)):
        result[problem] = _distance(cosines, offsets[problem], room)
    return result


@compiled
def _distance(cosines: Floats, offsets: Floats, room: _Room) -> float:
    """(n, n), (n,) -> one distance, or nan."""
    room.slack[:] = offsets
    capacity, count = len(room.active), 0
    for _ in range(STEPS_PER_CONSTRAINT * capacity):
        worst = room.slack.argmin()
        if room.slack[worst] >= -TOLERANCE:
            squared = 0.0
            for i in range(count):
                squared -= offsets[room.active[i]] * room.multipliers[i]
            return float(np.sqrt(max(squared, 0.0)))
        if count == capacity:
            return np.nan
        room.active[count], room.multipliers[count] = worst, 0.0
        count = _settle(cosines, offsets, room, count + 1)
        _refresh_slack(cosines, offsets, room, count)
    return np.nan


@compiled
def _refresh_slack(cosines: Floats, offsets: Floats, room: _Room, count: int) -> None:
    """Compute c + Rλ; of the active constraints it is 0 but for rounding."""
    slack = room.slack
    slack[:] = offsets
    for i in range(count):
        row, multiplier = cosines[room.active[i]], room.multipliers[i]
        for j in range(len(slack)):
            slack[j] += multiplier * row[j]
    for i in range(count):
        slack[room.active[i]] = 0.0


@compiled
def _settle(cosines: Floats, offsets: Floats, room: _Room, count: int) -> int:
    """Move λ to the optimum on the active set, dropping what would turn negative on the way.

    All rows of the factor but the last are right on entry. Returns how many stay active.
    """
    first = count - 1
    while True:
        _factorise(cosines, room, first, count)
        _solve_active(cosines, offsets, room, count)
        step, blocking = _longest_step(room.multipliers, room.goal, count)
        if blocking < 0:
            room.multipliers[:count] = room.goal[:count]
            return count
        for i in range(count):
            room.multipliers[i] += step * (room.goal[i] - room.multipliers[i])
        room.multipliers[blocking] = 0.0
        first, count = _drop_zeros(room.active, room.multipliers, count)


@compiled
def _longest_step(multipliers: Floats, goal: Floats, count: int) -> tuple[float, int]:
    """Return the share of the way to the goal on which no λ turns negative, and which would."""
    step, blocking = 1.0, -1
    for i in range(count):
        if goal[i] <= 0.0:
            gap = multipliers[i] - goal[i]
            share = multipliers[i] / gap if gap > 0.0 else 0.0
            if share < step or blocking < 0:
                step, blocking = share, i
    return step, blocking


@compiled
def _drop_zeros(active: Ints, multipliers: Floats, count: int) -> tuple[int, int]:
    """Close the gaps where λ is 0; return the first gap and how many are left."""
    first, kept = count, 0
    for i in range(count):
        if multipliers[i] > 0.0:
            active[kept], multipliers[kept] = active[i], multipliers[i]
            kept += 1
        else:
            first = min(first, i)
    return first, kept


@compiled
def _factorise(cosines: Floats, room: _Room, first: int, count: int) -> None:
    """Bring the Cholesky factor of R on the active set up to date, from row first on."""
    factor = room.factor
    for i in range(first, count):
        for j in range(i + 1):
            rest = cosines[room.active[i], room.active[j]]
            for q in range(j):
                rest -= factor[i, q] * factor[j, q]
            if i == j:
                factor[i, i] = np.sqrt(max(rest, 0.0) + RIDGE)
            else:
                factor[i, j] = rest / factor[j, j]


@compiled
def _solve_active(cosines: Floats, offsets: Floats, room: _Room, count: int) -> None:
    """Solve Rλ = -c on the active set, with one step of refinement against the ridge."""
    goal, residual = room.goal[:count], np.empty(count)
    for i in range(count):
        goal[i] = residual[i] = -offsets[room.active[i]]
    _substitute(room.factor, goal)
    for i in range(count):
        for j in range(count):
            residual[i] -= cosines[room.active[i], room.active[j]] * goal[j]
    _substitute(room.factor, residual)
    goal += residual


@compiled
def _substitute(factor: Floats, vector: Floats) -> None:
    """Solve (factor factorᵀ) x = vector in place."""
    count = len(vector)
    for i in range(count):
        for q in range(i):
            vector[i] -= factor[i, q] * vector[q]
        vector[i] /= factor[i, i]
    for i in range(count - 1, -1, -1):
        for q in range(i + 1, count):
            vector[i] -= factor[q, i] * vector[q]
        vector[i] /= factor[i, i]
