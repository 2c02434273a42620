"""From a day's views to the rows that arrive: assigned, clicked or not, lost, late, repeated."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from experiments import phases
from experiments.agents import classify
from experiments.assignment import Plan, assign_many
from experiments.bulk import EventColumns, sift
from experiments.impressions import (
    SEQUENCES,
    Step,
    impression_id,
    ms_of,
    pack_context,
)
from experiments.replica.experiment import FIRST_DAY, Replica
from experiments.simulation.month import Fate, Views, sequence_in_ms

CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
ON_TIME = (Fate.ONCE, Fate.TWICE, Fate.TWICE_LATE)
LATE = (Fate.LATE, Fate.TWICE_LATE)
_VIEWS_AT_ONCE = 1 << 17  # so that what lies between two steps stays in the cache


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """What arrives of one day's impressions.

    Attributes:
        on_time: on the day itself, each event once, in the order of keys.
        late: on the day after, likewise; some of it for the second time.
        refused: events that are none of their own, by reason: see `bulk.sift`.
    """

    on_time: EventColumns
    late: EventColumns
    refused: Counter[str]


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """N impressions with their ids and arms, and which were clicked; each (N,)."""

    impression: NDArray[np.int64]
    viewer: NDArray[np.int64]
    video: NDArray[np.int32]
    arm: NDArray[np.int16]
    context: NDArray[np.int16]
    clicked: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """Lays a replica's days out as rows.

    Attributes:
        replica: what is drawn.
        plan: what assigns the arms.
        cells: the cell of each arm, (K,).
        block: number that the impressions' ids hold.
    """

    replica: Replica
    plan: Plan
    cells: NDArray[np.int16]
    block: int

    @classmethod
    def of(cls, replica: Replica, block: int) -> Self:
        """Read the experiment's phase once for all days."""
        cells = phases.cells(replica.experiment)
        by_arm = np.array([cells[arm] for arm in range(len(cells))], dtype=np.int16)
        return cls(replica, phases.plan(replica.experiment), by_arm, block)

    def of_day(self, day: int) -> Arrivals:
        """Return what arrives of one day, counted from 0."""
        first_ms = ms_of(FIRST_DAY + timedelta(days=day))
        views = self.replica.month.draw_day(day)
        shown = self.show(views, first_ms)
        strays = impression_id(first_ms + views.strays, self.block, _no_impression(views.strays))
        fate = views.fate
        del views  # the largest of what is no longer needed
        arrive = [np.isin(fate, ON_TIME), fate == Fate.TWICE]
        on_time, refused = sift(self._events(shown, arrive, strays))
        late, refused_late = sift(self._events(shown, [np.isin(fate, LATE)], strays[:0]))
        return Arrivals(on_time, late, refused + refused_late)

    def show(self, views: Views, first_ms: int) -> Shown:
        """Give each view its id and its arm, and draw its click.

        A video's arms go by its number in the catalogue, not by its primary key, so that the same
        seed gives the same rows in any database.
        """
        ms = first_ms + views.offset_ms
        viewer = self.replica.viewer_numbers[views.viewer]
        arm = np.empty(len(ms), dtype=np.int16)
        clicked = np.empty(len(ms), dtype=bool)
        for start in range(0, len(ms), _VIEWS_AT_ONCE):
            at = slice(start, start + _VIEWS_AT_ONCE)
            arm[at] = assign_many(self.plan, viewer[at], views.video[at])
            clicked[at] = views.luck[at] < self._chance(views, arm[at], at)
        device, flag = classify(CRAWLER)
        flags = np.where(views.viewer >= self.replica.month.viewers, int(flag), 0)
        context = pack_context(
            views.position.astype(np.int64), np.full_like(flags, int(device)), flags
        )
        return Shown(
            impression=impression_id(ms, self.block, sequence_in_ms(ms)),
            viewer=viewer,
            video=self.replica.video_ids[views.video],
            arm=arm,
            context=context.astype(np.int16),
            clicked=clicked,
        )

    def _chance(self, views: Views, arm: NDArray[np.int16], at: slice) -> NDArray[np.float64]:
        """Return the click probability of the views at these places under their arms."""
        chance = self.replica.population.probability(
            views.video[at], arm, views.viewer[at], views.position[at]
        )
        chance[views.viewer[at] >= self.replica.month.viewers] = (
            self.replica.month.habits.bot_clicks
        )
        return chance

    def _events(
        self, shown: Shown, arrive: list[NDArray[np.bool_]], strays: NDArray[np.int64]
    ) -> EventColumns:
        """Return a viewable and perhaps a click of all that arrives, and the stray clicks."""
        seen = [np.flatnonzero(mask) for mask in arrive]
        clicked = [rows[shown.clicked[rows]] for rows in seen]
        # A stray claims to be of the day's first view, under an id that was never given.
        row = np.concatenate([*seen, *clicked, np.zeros(len(strays), dtype=np.int64)])
        step = np.full(len(row), int(Step.CLICK), dtype=np.int8)
        step[: sum(map(len, seen))] = Step.VIEWABLE
        impression = shown.impression[row]
        impression[len(row) - len(strays) :] = strays
        return EventColumns(
            key=impression | step,
            viewer=shown.viewer[row],
            video=shown.video[row],
            cell=self.cells[shown.arm[row]],
            context=shown.context[row],
        )


def _no_impression(strays: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the last number of a millisecond, which no page ever reaches."""
    return np.full_like(strays, SEQUENCES - 1)
