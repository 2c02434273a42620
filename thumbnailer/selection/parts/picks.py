"""From ranked seconds to ranked triples."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from thumbnailer.selection.parts.base import Candidate
from thumbnailer.video.shots import SHOTS_IN_A_GIF

COMBINED = 5  # of the best picks


@dataclass(frozen=True, slots=True)
class Pick:
    """A second that speaks for part of the video.

    Attributes:
        second: at which the shot begins.
        weight: how much of the video it speaks for.
    """

    second: int
    weight: float


def thread(picks: Iterable[Pick], others: Iterable[int]) -> tuple[Candidate, ...]:
    """Return triples of the best five picks in time order, the heaviest first.

    Args:
        picks: a second that was picked before is passed over.
        others: seconds to fill up with, without weight, where there are fewer than three picks.
    """
    weights: dict[int, float] = {}
    for pick in sorted(picks, key=lambda pick: -pick.weight):
        weights.setdefault(pick.second, pick.weight)
    chosen = dict(list(weights.items())[:COMBINED])
    for second in others:
        if len(chosen) >= SHOTS_IN_A_GIF:
            break
        chosen.setdefault(second, 0.0)
    candidates = [
        Candidate(tuple(map(float, sorted(triple))), float(sum(chosen[s] for s in triple)))
        for triple in combinations(chosen, SHOTS_IN_A_GIF)
    ]
    return tuple(sorted(candidates, key=lambda candidate: -candidate.score))
