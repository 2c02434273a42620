"""From a day's views to the rows that arrive: assigned, clicked or not, lost, late, repeated."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from experiments.events.columns import EventColumns, sift
from experiments.events.keys import (
    SEQUENCES,
    event_key,
    impression_id,
    ms_of,
    pack_context,
)
from experiments.events.user_agents import classify
from experiments.measures import Step
from experiments.serving import allocation_phases
from experiments.serving.assignment import Plan, assign_many
from experiments.studies.replica.experiment import FIRST_DAY, Replica
from experiments.studies.simulation.month import Fate, Views, sequence_in_ms

CRAWLER = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
ON_TIME = (Fate.ONCE, Fate.TWICE, Fate.TWICE_LATE)
LATE = (Fate.LATE, Fate.TWICE_LATE)


@dataclass(frozen=True, slots=True, eq=False)
class Arrivals:
    """What arrives of a span's impressions, an hour or a day.

    Attributes:
        on_time: on its own day, each event once, in the order of keys.
        late: on the day after, likewise; some of it for the second time.
        refused: events that are none of their own, by reason: see `columns.sift`.
    """

    on_time: EventColumns
    late: EventColumns
    refused: Counter[str]

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return what arrives of several spans, which follow each other."""
        return cls(
            EventColumns.joined([part.on_time for part in parts]),
            EventColumns.joined([part.late for part in parts]),
            sum((part.refused for part in parts), Counter()),
        )


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
        cells = allocation_phases.cells(replica.experiment)
        by_arm = np.array([cells[arm] for arm in range(len(cells))], dtype=np.int16)
        return cls(replica, allocation_phases.plan(replica.experiment), by_arm, block)

    def of_day(self, day: int) -> Iterator[Arrivals]:
        """Yield what arrives of one day, counted from 0, an hour at a time, for the memory."""
        first_ms = ms_of(FIRST_DAY + timedelta(days=day))
        for hour in range(24):  # visits and their repeats do not reach over an hour's end
            yield self._of_hour(self.replica.month.draw_hour(day, hour), first_ms)

    def _of_hour(self, views: Views, first_ms: int) -> Arrivals:
        shown = self.show(views, first_ms)
        first_time = self._events(shown, np.isin(views.fate, ON_TIME))
        again = self._events(shown, views.fate == Fate.TWICE)
        strays = self._strays(first_ms + views.strays)
        on_time, refused = sift(EventColumns.joined([first_time, again, strays]))
        late, refused_late = sift(self._events(shown, np.isin(views.fate, LATE)))
        return Arrivals(on_time, late, refused + refused_late)

    def show(self, views: Views, first_ms: int) -> Shown:
        """Give each view its id and its arm, and draw its click.

        A video's arms go by its number in the catalogue, not by its primary key, so that the same
        seed gives the same rows in any database.
        """
        ms = first_ms + views.offset_ms
        viewer = self.replica.viewer_numbers[views.viewer]
        arm = assign_many(self.plan, viewer, views.video)
        clicked = views.luck < self._chance(views, arm)
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

    def _chance(self, views: Views, arm: NDArray[np.int16]) -> NDArray[np.float64]:
        """Return the click probability of views under their arms."""
        chance = self.replica.population.probability(views.video, arm, views.viewer, views.position)
        chance[views.viewer >= self.replica.month.viewers] = self.replica.month.habits.bot_clicks
        return chance

    def _events(self, shown: Shown, arrive: NDArray[np.bool_]) -> EventColumns:
        """Return a viewable and perhaps a click of the impressions that arrive."""
        clicks = np.flatnonzero(arrive & shown.clicked)
        seen = np.flatnonzero(arrive)
        row = np.concatenate([seen, clicks])
        viewed = event_key(shown.impression[seen], Step.VIEWABLE)
        return EventColumns(
            key=np.concatenate([viewed, event_key(shown.impression[clicks], Step.CLICK)]),
            viewer=shown.viewer[row],
            video=shown.video[row],
            cell=self.cells[shown.arm[row]],
            context=shown.context[row],
        )

    def _strays(self, ms: NDArray[np.int64]) -> EventColumns:
        """Return clicks under ids that were never given: the last of a millisecond, S of them."""
        nothing = np.zeros(len(ms), dtype=np.int16)
        impression = impression_id(ms, self.block, np.full_like(ms, SEQUENCES - 1))
        return EventColumns(
            key=event_key(impression, Step.CLICK),
            viewer=nothing,
            video=nothing,
            cell=nothing,
            context=nothing,
        )
