"""Distances to a polyhedron on a GPU: many problems in step, as tensor operations.

The same active set as in `active_set`, where the dual problem is stated. A step takes every
unsolved problem's most violated constraint in; solved problems leave the batch.

Shapes: n constraints, B problems, k the largest active set of the moment.
"""

import torch
from torch import Tensor

from thumbnailer.metrics.matching_error.active_set import RIDGE, STEPS_PER_CONSTRAINT, TOLERANCE


def distances(cosines: Tensor, offsets: Tensor) -> Tensor:
    """Return (B,) distances of the origin to B polyhedra with the same normals.

    What is not solved after as many steps as any set of constraints should need is nan.

    Args:
        cosines: (n, n) float64 R; a row of zeros is a constraint that is never violated.
        offsets: (B, n) float64 c.
    """
    result = torch.full_like(offsets[:, 0], torch.nan)
    unsolved = torch.arange(len(offsets), device=offsets.device)
    multipliers = torch.zeros_like(offsets)  # λ (B, n), 0 where a constraint is not active
    active = torch.zeros_like(offsets, dtype=torch.bool)
    for _ in range(STEPS_PER_CONSTRAINT * len(cosines)):
        slack = torch.addmm(offsets, multipliers, cosines).masked_fill_(active, 0.0)
        violation, worst = slack.min(dim=1)
        solved = violation >= -TOLERANCE
        squared = -(offsets[solved] * multipliers[solved]).sum(dim=1)
        result[unsolved[solved]] = squared.clamp_min(0.0).sqrt()
        left = ~solved
        unsolved, offsets, multipliers = unsolved[left], offsets[left], multipliers[left]
        if not len(unsolved):
            break
        active = active[left].scatter(1, worst[left, None], value=True)
        _settle(cosines, offsets, active, multipliers)
    return result


def _settle(cosines: Tensor, offsets: Tensor, active: Tensor, multipliers: Tensor) -> None:
    """Move each λ to the optimum on its active set, dropping what would turn negative.

    Args:
        cosines: (n, n) R.
        offsets: (B, n) c.
        active: (B, n) bool, changed in place.
        multipliers: (B, n) λ, changed in place.
    """
    moving = torch.arange(len(offsets), device=offsets.device)
    while len(moving):
        present, members = _members(active[moving])  # both (b, k)
        goal = _solve_active(cosines, offsets[moving].gather(1, members), members, present)
        now = multipliers[moving].gather(1, members).where(present, goal.new_zeros(()))
        falling = present & (goal <= 0.0)
        gap = (now - goal).where(now > 0.0, goal.new_ones(()))  # step 0 where λ is 0 already
        step, blocking = (now / gap).where(falling, goal.new_ones(())).min(dim=1)
        blocked = falling.any(dim=1)
        then = torch.where(blocked[:, None], now + step[:, None] * (goal - now), goal)
        then[blocked] = then[blocked].scatter(1, blocking[blocked, None], 0.0)
        stays = present & (then > 0.0)
        # Padding repeats members, so that whole rows are written anew and absentees add nothing.
        then = then.where(stays, then.new_zeros(()))
        multipliers[moving] = torch.zeros_like(offsets[moving]).scatter_add(1, members, then)
        active[moving] = multipliers[moving] > 0.0
        moving = moving[blocked]


def _members(active: Tensor) -> tuple[Tensor, Tensor]:
    """Return (b, k) which places are taken and (b, k) by which constraints, of (b, n) bool."""
    width = int(active.sum(dim=1).max())
    present, members = active.to(torch.int8).topk(width, dim=1)
    return present.bool(), members


def _solve_active(cosines: Tensor, offsets: Tensor, members: Tensor, present: Tensor) -> Tensor:
    """Solve Rλ = -c on each active set, with one step of refinement against the ridge.

    Args:
        cosines: (n, n) R.
        offsets: (b, k) c of the members.
        members: (b, k) active constraints.
        present: (b, k) bool, which of them are no padding; the others' λ is 0.
    """
    both = present[:, :, None] & present[:, None, :]
    identity = torch.eye(members.shape[1], dtype=cosines.dtype, device=cosines.device)
    matrix = torch.where(both, cosines[members[:, :, None], members[:, None, :]], identity)
    factor = _cholesky(matrix)
    right = -offsets.where(present, offsets.new_zeros(()))[:, :, None]  # (b, k, 1)
    goal = torch.cholesky_solve(right, factor)
    return (goal + torch.cholesky_solve(right - matrix @ goal, factor))[:, :, 0]


def _cholesky(matrix: Tensor) -> Tensor:
    """Return the lower factors of (b, k, k) matrices, none of which dependent normals break."""
    factor = torch.zeros_like(matrix)
    for j in range(matrix.shape[1]):
        known = factor[:, j:, :j] @ factor[:, j, :j, None]  # (b, k - j, 1)
        rest = matrix[:, j:, j] - known[:, :, 0]
        pivot = (rest[:, :1].clamp_min(0.0) + RIDGE).sqrt()  # (b, 1)
        factor[:, j:, j] = rest / pivot
        factor[:, j, j] = pivot[:, 0]
    return factor
