"""Thumbnails of 24 films: how many are of equal arms, of neighbouring seconds, or do not move."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest

from experiments.making.distinct_arms import give_way
from experiments.models import Thumbnail
from tests.benchmarks.films import films
from thumbnailer.choose import choose
from thumbnailer.features.analysis import Analysis
from thumbnailer.selection.parts.distinctness import ALIKE
from thumbnailer.settings import ChoiceRules
from thumbnailer.video.ticks import TICKS_PER_S

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("one_thread")]

ARMS = ("re_seq2seq", "gevaden", "appeal", "ranknet", "shot_scorer", "hecate")
NEAR_S, OVER_A_MINUTE_S = 5, 60
STILL = 0.002  # mean change of brightness from tick to tick, of 1: noise and no more
PAPERS, OURS = ChoiceRules(gap_s=1), ChoiceRules()
Made = Mapping[str, Thumbnail]


@dataclass(frozen=True, slots=True)
class Film:
    """A film, and what each arm shows of it."""

    video: Analysis
    made: Made

    @property
    def equal(self) -> set[tuple[str, str]]:
        """The pairs of arms that show the same seconds, in whatever order."""
        pairs = combinations(ARMS, 2)
        return {(a, b) for a, b in pairs if self.made[a].shots_shown == self.made[b].shots_shown}

    def count(self, judged: Callable[[Thumbnail], bool]) -> int:
        """Return how many of the arms' GIFs are so."""
        return sum(judged(each) for each in self.made.values())

    def has_still_shot(self, thumbnail: Thumbnail) -> bool:
        """Tell whether a shot of the GIF does not move."""
        return any(self._still(thumbnail))

    def is_still(self, thumbnail: Thumbnail) -> bool:
        """Tell whether nothing in the GIF moves but from shot to shot."""
        return all(self._still(thumbnail))

    def _still(self, thumbnail: Thumbnail) -> list[bool]:
        firsts = [round(start_s * TICKS_PER_S) for start_s in thumbnail.shots_s]
        motion = self.video.frames.motion
        return [bool(motion[at : at + TICKS_PER_S].mean() < STILL) for at in firsts]


def chosen(video: Analysis, rules: ChoiceRules) -> dict[str, Thumbnail]:
    """Return what each arm shows of a film; by our rules later ones give way to those before."""
    found = {}
    for name in ARMS:
        selection = choose(video, name, rules=rules)
        candidates = [
            [list(each.starts_s), each.score, each.distinctness] for each in selection.candidates
        ]
        shots_s = list(selection.starts_s)
        found[name] = Thumbnail(
            selector=name, shots_s=shots_s, shot_length_s=1.0, candidates=candidates
        )
    if rules is OURS:
        give_way(found.values(), [])
    return found


def is_near(thumbnail: Thumbnail) -> bool:
    return bool(np.diff(np.sort(thumbnail.shots_s)).min() < NEAR_S)


def looks_alike(thumbnail: Thumbnail) -> bool:
    measured = {tuple(shots_s): value for shots_s, _, value in thumbnail.candidates}
    return bool(measured[tuple(thumbnail.shots_s)] < ALIKE)


def shares(films_seen: Sequence[Film]) -> dict[str, tuple[int, int]]:
    """Return how many of how many films, or of their GIFs, are so."""
    long = [each for each in films_seen if each.video.frames.duration_s > OVER_A_MINUTE_S]
    gifs, films_in_all = len(ARMS) * len(films_seen), len(films_seen)
    pair = sum(("re_seq2seq", "gevaden") in each.equal for each in films_seen)
    return {
        "gevaden and re_seq2seq show the same": (pair, films_in_all),
        "some two arms do": (sum(bool(each.equal) for each in films_seen), films_in_all),
        "near": (sum(each.count(is_near) for each in films_seen), gifs),
        "near, over a minute": (sum(each.count(is_near) for each in long), len(ARMS) * len(long)),
        "shots alike": (sum(each.count(looks_alike) for each in films_seen), gifs),
        "a shot is still": (sum(each.count(each.has_still_shot) for each in films_seen), gifs),
        "all shots are": (sum(each.count(each.is_still) for each in films_seen), gifs),
    }


@pytest.mark.parametrize("rules", [PAPERS, OURS], ids=["the paper's rules", "ours"])
def test_shares(rules: ChoiceRules) -> None:
    seen = {name: Film(video, chosen(video, rules)) for name, video in films().items()}
    for name, film in seen.items():
        print(f"{name}: " + ", ".join(f"{arm} {each.shots_s}" for arm, each in film.made.items()))
    found = shares(list(seen.values()))
    for what, (count, of) in found.items():
        print(f"| {what} | {count} of {of} |")
    if rules is OURS:
        equal, of = found["some two arms do"]
        assert equal <= of / 24
        near, of = found["near, over a minute"]
        assert near <= 0.15 * of
