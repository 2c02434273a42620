"""Simulated visits of a page: how far down it is looked at, what is reported and clicked."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from experiments.studies.simulation.click_model import Population

SENT_TWICE = 0.05
SimulatedEvent = dict[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A place of the page that is data.

    Attributes:
        token: of its impression.
        video: slug.
        arm: index.
        position: place on the page, from 0.
        moves: whether its picture does.
    """

    token: str
    video: str
    arm: int
    position: int
    moves: bool


@dataclass(slots=True)
class Visit:
    """What one viewer did.

    Attributes:
        events: as the feed's script would report them.
        views: viewable impressions by (video, arm).
        clicks: clicks by (video, arm).
        is_sent_twice: whether the reports go out twice, as where an answer is lost.
    """

    events: list[SimulatedEvent] = field(default_factory=list)
    views: Counter[tuple[str, int]] = field(default_factory=Counter)
    clicks: Counter[tuple[str, int]] = field(default_factory=Counter)
    is_sent_twice: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Audience:
    """Viewers, and the videos that they look at.

    Attributes:
        population: how probable each click is.
        videos: number of each video in the population, by slug.
        seed: makes the viewers repeatable; which arm each gets is up to the site.
    """

    population: Population
    videos: Mapping[str, int]
    seed: int

    def name(self, viewer: int) -> str:
        """Return the text by which the site knows a viewer."""
        return f"simulated-{self.seed}-{viewer}"

    def visit(self, viewer: int, places: int, shown: Sequence[Shown]) -> Visit:
        """Let a viewer look at a page and click, and tell what happened.

        Args:
            viewer: number of the viewer in the population.
            places: how many places the page has.
            shown: those of them that are data.
        """
        rng = np.random.default_rng([self.seed, 6, viewer])
        # How far down the page viewers look: most of it, as a rule (an assumption).
        depth = int(np.ceil(places * rng.beta(2.0, 1.0)))
        luck = rng.random(places)
        seen = [each for each in shown if each.position < depth]
        done = Visit([{"token": each.token, "step": "served"} for each in shown])
        for each, chance in zip(seen, self._chances(viewer, seen), strict=True):
            clicks = bool(luck[each.position] < chance)
            done.events += [
                {"token": each.token, "step": step} for step in _steps(each, clicks=clicks)
            ]
            done.views[each.video, each.arm] += 1
            done.clicks[each.video, each.arm] += clicks
        done.is_sent_twice = bool(rng.random() < SENT_TWICE)
        return done

    def _chances(self, viewer: int, seen: Sequence[Shown]) -> list[float]:
        video = np.array([self.videos[each.video] for each in seen], dtype=np.int64)
        arm = np.array([each.arm for each in seen], dtype=np.int64)
        position = np.array([each.position for each in seen], dtype=np.int64)
        viewers = np.full(len(seen), viewer, dtype=np.int64)
        chance = self.population.probability(video, arm, viewers, position)
        return [float(each) for each in chance]


def _steps(shown: Shown, *, clicks: bool) -> Iterator[str]:
    yield from ("loaded", "viewable")
    if shown.moves:
        yield "animated"
    if clicks:
        yield "click"
