"""From scored seconds to triples of shots that keep their distance from each other."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from thumbnailer.results import Candidate
from thumbnailer.video.shots import SHOTS_IN_A_GIF

COMBINED = 5  # of the best picks
FILLING = 20  # shots, 1,140 triples
FILLER = 1e-9  # what a second without weight counts for, so that the earlier named come first


def non_maximum_suppression(
    ranking: NDArray[np.integer], spacing: int, count: int | None = None
) -> NDArray[np.int64]:
    """Return of a ranking of places in time those at least ``spacing`` from all better ones.

    Args:
        ranking: places >= 0, the best first.
        spacing: the least difference of two.
        count: how many at most; None for all.
    """
    suppressed = np.zeros(ranking.max(initial=0) + 1, dtype=bool)
    chosen: list[int] = []
    for place in ranking.tolist():
        if len(chosen) == count:
            break
        if not suppressed[place]:
            chosen.append(place)
            suppressed[max(0, place - spacing + 1) : place + spacing] = True
    return np.asarray(chosen, dtype=np.int64)


def best_spaced(
    scores: NDArray[np.floating], seconds: NDArray[np.int64], gap_s: int
) -> NDArray[np.int64] | None:
    """Return the best triple in time order, exactly, or None where no triple has such gaps.

    For each middle shot the best shot before it and the best after it are known from running
    maxima: O(m).

    Args:
        scores: (m,) of the shots that may be chosen.
        seconds: (m,) increasing times.
        gap_s: the least difference of neighbours.

    Returns:
        (3,) indices of scores.
    """
    count = len(scores)
    before = np.searchsorted(seconds, seconds - gap_s, side="right")  # shots early enough
    after = np.searchsorted(seconds, seconds + gap_s)  # the first that is late enough
    middle = np.flatnonzero((before > 0) & (after < count))
    if not middle.size:
        return None
    left = _running_argmax(scores)[before[middle] - 1]
    right = (count - 1 - _running_argmax(scores[::-1]))[::-1][after[middle]]
    best = int(np.argmax(scores[left] + scores[middle] + scores[right]))
    return np.asarray([left[best], middle[best], right[best]], dtype=np.int64)


def widest_gap(seconds: NDArray[np.int64], wanted_s: int) -> int:
    """Return the largest gap up to the one wanted that three of the (m >= 3,) shots can keep."""
    nothing = np.zeros(len(seconds))
    return next(
        gap_s
        for gap_s in range(wanted_s, 0, -1)
        if best_spaced(nothing, seconds, gap_s) is not None
    )


def spaced_triples(
    scores: NDArray[np.floating], seconds: NDArray[np.int64], gap_s: int, count: int
) -> list[NDArray[np.int64]]:
    """Return the best triple, then the best that shares no shot with those before, and so on.

    Where few shots keep the gap, others follow that do share some.

    Args:
        scores: (m,) with m >= 3.
        seconds: (m,) increasing times.
        gap_s: between shots of a triple, less where the video is too short for it.
        count: how many triples at most.
    """
    gap_s = widest_gap(seconds, gap_s)
    free = np.arange(len(scores))
    triples: list[NDArray[np.int64]] = []
    while len(triples) < count and len(free) >= SHOTS_IN_A_GIF:
        found = best_spaced(scores[free], seconds[free], gap_s)
        if found is None:
            break
        triples.append(free[found])
        free = np.delete(free, found)
    return filled_up(triples, scores, seconds, gap_s, count)


def filled_up(
    triples: list[NDArray[np.int64]],
    scores: NDArray[np.floating],
    seconds: NDArray[np.int64],
    gap_s: int,
    count: int,
) -> list[NDArray[np.int64]]:
    """Return the triples and, where they are fewer than ``count``, the best others of good shots.

    So an arm has something else to show where another shows its best. Arguments are those of
    ``spaced_triples``; only the FILLING best shots are looked at.
    """
    if len(triples) >= count:
        return triples
    known = {frozenset(triple.tolist()) for triple in triples}
    good = np.sort(np.argsort(-scores, kind="stable")[:FILLING])
    others = [
        np.asarray(triple)
        for triple in combinations(good.tolist(), SHOTS_IN_A_GIF)
        if frozenset(triple) not in known and np.diff(seconds[list(triple)]).min() >= gap_s
    ]
    others.sort(key=lambda triple: -float(scores[triple].sum()))
    return [*triples, *others[: count - len(triples)]]


def best_apart(
    scores: NDArray[np.floating], seconds: NDArray[np.int64], gap_s: int, count: int
) -> NDArray[np.int64]:
    """Return the best triple, then the best of the others that are ``gap_s`` from all before.

    Args:
        scores: (m,) of the shots that may be chosen.
        seconds: (m,) increasing times, of which three can keep the gap.
        gap_s: the least difference of two.
        count: how many at most.

    Returns:
        (k,) seconds, 3 <= k <= count; the triple first, its best before the others.
    """
    triple = best_spaced(scores, seconds, gap_s)
    is_first = np.zeros(len(scores), dtype=bool)
    is_first[triple] = True
    order = np.lexsort((-scores, ~is_first))
    return non_maximum_suppression(seconds[order], gap_s, count)


@dataclass(frozen=True, slots=True)
class Pick:
    """A second that speaks for part of the video.

    Attributes:
        second: at which the shot begins.
        weight: how much of the video it speaks for.
    """

    second: int
    weight: float


def thread(picks: Iterable[Pick], others: Iterable[int], gap_s: int = 1) -> tuple[Candidate, ...]:
    """Return triples of the best five picks in time order, the heaviest first.

    Args:
        picks: a second that was picked before is passed over.
        others: seconds to fill up with, without weight, where three picks cannot be had.
        gap_s: between shots; three of all seconds can keep it.
    """
    weights: dict[int, float] = {}
    for pick in sorted(picks, key=lambda pick: -pick.weight):
        weights.setdefault(pick.second, pick.weight)
    fillers = [second for second in dict.fromkeys(others) if second not in weights]
    scores = weights | {second: -FILLER * (n + 1) for n, second in enumerate(fillers)}
    seconds = np.sort(np.fromiter(scores, np.int64))
    best = best_apart(np.asarray([scores[s] for s in seconds]), seconds, gap_s, COMBINED).tolist()
    chosen = best[:SHOTS_IN_A_GIF] + [s for s in best[SHOTS_IN_A_GIF:] if s in weights]
    candidates = [
        Candidate(tuple(map(float, sorted(triple))), sum(weights.get(s, 0.0) for s in triple))
        for triple in combinations(chosen, SHOTS_IN_A_GIF)
    ]
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score))


def _running_argmax(scores: NDArray[np.floating]) -> NDArray[np.int64]:
    """Return (m,): where the highest of the scores up to each is first reached."""
    is_new = np.concatenate([[True], scores[1:] > np.maximum.accumulate(scores)[:-1]])
    return np.maximum.accumulate(np.where(is_new, np.arange(len(scores)), 0))
