"""The triples of shots with the highest average likelihood over draws of z: Eq. 10, exactly.

Given z the three positions of a GIF are independent, so the average over L draws

    S(a, b, c) = (1/L) Σ_l p_1[l, a] p_2[l, b] p_3[l, c]

is a non-negative tensor of rank L with n³ entries, too many to look at. Branch and bound: search
uphill for a high triple, then leave out shots, then pairs of shots, that cannot be part of any
higher one, and look at what is left (Land & Doig 1960).

Two bounds on the third factor, without 1/L. For weights w[l] >= α >= 0 and m[l] = max_c p[l, c]

    max_c Σ_l w[l] p[l, c] <= Σ_l w[l] m[l] - α (Σ_l m[l] - max_c Σ_l p[l, c]),

as w = α + (w - α) and of the first part the maximum over c is known; and by Cauchy and Schwarz

    Σ_l w[l] p[l, c] <= (1/L) Σ_l w[l] Σ_l p[l, c] + ‖w - mean w‖ ‖p[·, c] - mean p[·, c]‖.

The first is good where few draws matter, the second where all of them matter alike.

Shapes: L draws, n shots, m <= n shots still possible at a position, K starts or pairs at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from thumbnailer.errors import BadFeaturesError
from thumbnailer.video.shots import SHOTS_IN_A_GIF

STARTS = 16  # draws whose best shots the uphill searches start from
UPHILL_ROUNDS = 3
PAIRS_AT_ONCE = 256
MANY_PAIRS = 1024  # of the rows at once are worth the second bound
ROWS_AT_ONCE = 256  # of the table of pairs, or that of a long video takes 150 MB
ROUNDING = 1e-12  # relative: what a sum may come out too low is less than this


@dataclass(frozen=True, slots=True)
class RankedTriples:
    """The triples with the highest average likelihoods, the best first.

    Attributes:
        shots: (k, 3) int64 columns of the likelihoods, in play order.
        scores: (k,) float64 S.
    """

    shots: Tensor
    scores: Tensor


@dataclass(frozen=True, slots=True)
class Position:
    """What is still possible at one position of the GIF, and what the bounds need of it.

    Attributes:
        shots: (m,) int64 times, by which shots are told apart here.
        likelihoods: (L, m) float64 p.
        peaks: (L,) max_c p[l, c].
        lows: (m,) min_l p[l, c].
        totals: (m,) Σ_l p[l, c].
        slack: () Σ_l max_c p[l, c] - max_c Σ_l p[l, c], >= 0.
    """

    shots: Tensor
    likelihoods: Tensor
    peaks: Tensor
    lows: Tensor
    totals: Tensor
    slack: Tensor


def _position(shots: Tensor, likelihoods: Tensor) -> Position:
    """Return the position with these (m,) shots, whose (L, m) float64 likelihoods are given."""
    peaks, totals = likelihoods.amax(dim=1), likelihoods.sum(dim=0)
    slack = peaks.sum() - totals.max()
    return Position(shots, likelihoods, peaks, likelihoods.amin(dim=0), totals, slack)


Positions = tuple[Position, Position, Position]


def rank_triples(
    likelihoods: Tensor, *, count: int = 1, min_gap: int = 1, times: Tensor | None = None
) -> RankedTriples:
    """Return the ordered triples of shots with the highest average likelihood (Eq. 10).

    Exact for any likelihoods, to the rounding of float64. How long it takes depends on them:
    milliseconds where draws agree in some part, seconds where each draw goes a way of its own and
    yet none of them counts for much.

    Args:
        likelihoods: (L, 3, n) p(y_i = j | z_l) of each draw, position and shot, >= 0.
        count: how many triples; fewer come back where there are fewer.
        min_gap: the times of any two shots differ by this much at least; 1 makes them disjoint.
        times: (n,) increasing int64 of the shots; None for 0, 1, 2 and so on.

    Raises:
        BadFeaturesError: where likelihoods make no sense or no triple has such gaps.
        ValueError: where count or min_gap is below 1.
    """
    _check_likelihoods(likelihoods)
    if times is None:
        times = torch.arange(likelihoods.shape[2], device=likelihoods.device)
    _check_choice(times, count, min_gap)
    first, second, third = (_position(times, table.double()) for table in likelihoods.unbind(dim=1))
    positions = (first, second, third)
    floor = _climb(positions, count, min_gap) * (1 - ROUNDING)
    found = _search(_prune(positions, floor), floor, count, min_gap)
    return RankedTriples(torch.searchsorted(times, found.shots), found.scores)


def _climb(positions: Positions, count: int, min_gap: int) -> float:
    """Return a sum that count triples reach at least, or 0: coordinate ascent from some draws."""
    draws = len(positions[0].likelihoods)
    starts = torch.linspace(0, draws - 1, min(STARTS, draws)).long()
    chosen = [position.likelihoods[starts].argmax(dim=1) for position in positions]  # 3 x (K,)
    for _ in range(UPHILL_ROUNDS):
        for i, position in enumerate(positions):
            others = [(positions[j], chosen[j]) for j in range(SHOTS_IN_A_GIF) if j != i]
            sums = _sums(position, others, min_gap)  # (K, m)
            chosen[i] = sums.argmax(dim=1)
    if sums.shape[1] < count:
        return 0.0
    return max(0.0, sums.topk(count, dim=1).values[:, -1].max().item())


def _sums(position: Position, others: list[tuple[Position, Tensor]], min_gap: int) -> Tensor:
    """Return (K, m) Σ_l of the product of likelihoods; -1 where shots are too close.

    Args:
        position: the one whose every shot is tried.
        others: the other two, each with the (K,) columns of its likelihoods that are set.
        min_gap: least difference of two shots.
    """
    (left, a), (right, b) = others
    sums = (left.likelihoods[:, a] * right.likelihoods[:, b]).T @ position.likelihoods
    first, second = left.shots[a, None], right.shots[b, None]  # (K, 1)
    close = (position.shots - first).abs() < min_gap  # (K, m)
    close |= (position.shots - second).abs() < min_gap
    return sums.masked_fill_(close | ((first - second).abs() < min_gap), -1.0)


def _prune(positions: Positions, floor: float) -> Positions:
    """Leave out shots no triple of which reaches the floor, until none is found."""
    left = list(positions)
    sizes: list[int] = []
    while sizes != (sizes := [len(position.shots) for position in left]):
        for i, position in enumerate(left):
            possible = _shot_bounds(position, *(left[:i] + left[i + 1 :])) >= floor
            left[i] = _position(position.shots[possible], position.likelihoods[:, possible])
    return left[0], left[1], left[2]


def _shot_bounds(position: Position, left: Position, right: Position) -> Tensor:
    """Return (m,): no triple with this shot has a higher sum."""
    pairs = right.peaks @ left.likelihoods * (1 + ROUNDING) - left.lows * right.slack  # (m',)
    peaks = left.peaks * right.peaks  # (L,)
    bounds = peaks @ position.likelihoods * (1 + ROUNDING)
    bounds -= position.lows * (peaks.sum() - pairs.max())
    return bounds.clamp_min_(0.0)


def _pair_bounds(left: Position, right: Position, last: Position, floor: float) -> Tensor:
    """Return (m, m'): no triple with this pair has a higher sum."""
    peaks = last.peaks[:, None] * (1 + ROUNDING)
    bounds = (left.likelihoods * peaks).T @ right.likelihoods
    bounds.addr_(left.lows, right.lows, alpha=-last.slack.item())
    if (bounds >= floor).sum() > MANY_PAIRS:
        bounds = torch.minimum(bounds, _correlation_bounds(left, right, last))
    return bounds.clamp_min_(0.0)


def _correlation_bounds(left: Position, right: Position, last: Position) -> Tensor:
    """Return (m, m'), the second bound."""
    draws = len(last.likelihoods)
    weights = left.likelihoods.T @ right.likelihoods  # Σ w
    squares = left.likelihoods.square().T @ right.likelihoods.square()  # Σ w²
    spread = (squares * (1 + ROUNDING) - weights.square() / draws).clamp_min_(0.0).sqrt_()
    last_spread = torch.linalg.vector_norm(last.likelihoods - last.totals / draws, dim=0).max()
    bounds = weights.mul_(last.totals.max() * (1 + ROUNDING) / draws)
    return bounds.add_(spread.mul_(last_spread))


def _search(positions: Positions, floor: float, count: int, min_gap: int) -> RankedTriples:
    """Look at all triples of the pairs that may reach the floor, the most promising first."""
    order = sorted(range(SHOTS_IN_A_GIF), key=lambda i: len(positions[i].shots))
    left, right, last = (positions[i] for i in order)
    rows, columns, bounds = _promising_pairs(left, right, last, floor, min_gap)
    sums, triples = bounds.new_empty(0), rows.new_empty(0, SHOTS_IN_A_GIF)
    for at in range(0, len(rows), PAIRS_AT_ONCE):
        if len(sums) == count and bounds[at] * (1 + ROUNDING) <= sums[-1]:
            break
        a, b = rows[at : at + PAIRS_AT_ONCE], columns[at : at + PAIRS_AT_ONCE]
        found = _sums(last, [(left, a), (right, b)], min_gap)  # (K, m)
        best = found.flatten().topk(min(count, found.numel()))
        pair, c = best.indices // found.shape[1], best.indices % found.shape[1]
        new = torch.stack([left.shots[a[pair]], right.shots[b[pair]], last.shots[c]], dim=1)
        sums, triples = torch.cat([sums, best.values]), torch.cat([triples, new])
        kept = sums.topk(min(count, len(sums))).indices
        sums, triples = sums[kept], triples[kept]
    allowed = sums >= 0
    in_play_order = triples[allowed][:, torch.tensor(order).argsort()]
    return RankedTriples(in_play_order, sums[allowed] / len(left.likelihoods))


def _promising_pairs(
    left: Position, right: Position, last: Position, floor: float, min_gap: int
) -> tuple[Tensor, Tensor, Tensor]:
    """Return (K,) columns of left, of right, and falling bounds of the pairs to look at."""
    found = [
        (at + rows, columns, bounds[rows, columns])
        for at, part in _parts(left)
        for bounds in [_pair_bounds(part, right, last, floor)]
        for rows, columns in [(bounds >= floor).nonzero(as_tuple=True)]
    ]
    rows, columns, bounds = (torch.cat(each) for each in zip(*found, strict=True))
    apart = (left.shots[rows] - right.shots[columns]).abs() >= min_gap
    by_bound = bounds[apart].sort(descending=True, stable=True)
    return rows[apart][by_bound.indices], columns[apart][by_bound.indices], by_bound.values


def _parts(position: Position) -> Iterator[tuple[int, Position]]:
    """Yield the position some of its shots at a time, each part behind the first one's column."""
    for at in range(0, len(position.shots), ROWS_AT_ONCE):
        some = slice(at, at + ROWS_AT_ONCE)
        yield (
            at,
            replace(
                position,
                shots=position.shots[some],
                likelihoods=position.likelihoods[:, some],
                lows=position.lows[some],
                totals=position.totals[some],
            ),
        )


def _check_likelihoods(likelihoods: Tensor) -> None:
    shape = tuple(likelihoods.shape)
    if likelihoods.ndim != 3 or shape[1] != SHOTS_IN_A_GIF or not likelihoods.numel():
        raise BadFeaturesError(f"likelihoods.shape == {shape}, must be (L, 3, n), L and n >= 1")
    low, high = (bound.item() for bound in likelihoods.aminmax())
    if not 0 <= low <= high < torch.inf:
        raise BadFeaturesError(f"likelihoods lie between {low} and {high}, must be finite and >= 0")


def _check_choice(times: Tensor, count: int, min_gap: int) -> None:
    """Check that a triple can be had: the first shot, the next that is far enough, the next."""
    if count < 1 or min_gap < 1:
        raise ValueError(f"count == {count}, min_gap == {min_gap}, both must be >= 1")
    far_enough: list[int] = []
    for time in times.tolist():
        if not far_enough or time - far_enough[-1] >= min_gap:
            far_enough.append(time)
    if len(far_enough) < SHOTS_IN_A_GIF:
        raise BadFeaturesError(
            f"{len(times)} shots may be chosen, no three of them min_gap == {min_gap} apart: "
            "allow more or lower min_gap"
        )
