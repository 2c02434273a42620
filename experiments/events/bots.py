"""Bots: viewers who behave as no person does: found a day at a time, flagged, never dropped.

Rules on one viewer's events of one day (docs/events.md says where the limits come from):

- BOT_RATE: more than 1,000 viewable impressions within one hour;
- NEVER_VIEWABLE: 5 clicks or more, and not one viewable impression except those that the clicks
  themselves imply;
- CLICKS_ALL: 20 viewable impressions or more, and a click on more than half of them.

A program may be a new viewer each time. So two rules add up the viewers of one network, and flag
all of them:

- BOT_RATE: more than 20,000 viewable impressions within one hour;
- CLICKS_ALL: 100 viewable impressions or more, and a click on more than a quarter of them.

(BOT_AGENT, from the user agent, comes with an event.) Whoever is found gets flags for the whole day
(experiments/events/viewer_flags.py), and the hours of that viewer's events are noted as arrivals,
so that the next rollup counts them anew. Flags only ever come on. A click takes over what its view
is suspected of; where the two came at the same moment, the door could not see to it, and their
viewer is flagged as the view is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Self

import numpy as np
from django.db import connection, transaction

from experiments.events.arrivals import note
from experiments.events.clock import now_ms
from experiments.events.columns import IntArray
from experiments.events.count_tables import begin_counting
from experiments.events.keys import DAY_MS, HOURS_A_DAY, Flag, first_key
from experiments.events.networks import forget_before, visits
from experiments.events.store import event_store
from experiments.events.store.base import Columns
from experiments.events.store.cubes import Chosen
from experiments.events.viewer_flags import add_flags

Suspects = tuple[IntArray, IntArray]  # viewers, and the flags of each

MAX_VIEWS_AN_HOUR = 1_000
MIN_CLICKS_UNSEEN = 5
MIN_VIEWS_TO_JUDGE = 20
MAX_CLICK_SHARE = 0.5
MAX_NETWORK_VIEWS_AN_HOUR = 20_000
MIN_NETWORK_VIEWS_TO_JUDGE = 100
MAX_NETWORK_CLICK_SHARE = 0.25


def flag_days(days: Iterable[int]) -> int:
    """Flag the suspect viewers of these days; return how many events are theirs, newly flagged.

    Args:
        days: counted from 2010-01-01.
    """
    return sum(_flag_day(day) for day in days)


def _flag_day(day: int) -> int:
    chosen = Chosen(first_key(day * DAY_MS), first_key((day + 1) * DAY_MS))
    with transaction.atomic(), connection.cursor() as cursor:
        # An event that is not read here is counted after this ends, with the flags.
        begin_counting(cursor)
        activity = Activity.of(event_store().activity(chosen))
        cleaner = event_store().cleaner_clicks(chosen)
        viewers, flags = _joined([
            activity.suspects(),
            activity.suspects_by_network(visits(day)),
            (cleaner["viewer"].astype(np.int64), cleaner["flags"].astype(np.int64)),
        ])  # fmt: skip
        event_store().tell_flags(day, viewers, flags)
        of_flagged = np.isin(activity.viewer, add_flags(day, viewers, flags))
        if of_flagged.any():
            note(np.unique(activity.hour[of_flagged]).tolist())
    return int(activity.events[of_flagged].sum())


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """A day's events by viewer and hour, R rows; columns as `EventStore.activity` has them."""

    viewer: IntArray
    hour: IntArray
    events: IntArray
    views: IntArray
    implied: IntArray
    clicks: IntArray

    @classmethod
    def of(cls, columns: Columns) -> Self:
        """Return what a store has read."""
        return cls(**{name: column.astype(np.int64) for name, column in columns.items()})

    def suspects(self) -> Suspects:
        """Return who behaves as no person does, and the flags of each."""
        viewers, views, implied, clicks, fastest = self.summed(self.viewer)
        flags = Flag.BOT_RATE * (fastest > MAX_VIEWS_AN_HOUR)
        flags += Flag.NEVER_VIEWABLE * ((clicks >= MIN_CLICKS_UNSEEN) & (implied == views))
        clicked_all = (views >= MIN_VIEWS_TO_JUDGE) & (clicks > MAX_CLICK_SHARE * views)
        flags += Flag.CLICKS_ALL * clicked_all
        return viewers[flags > 0], flags[flags > 0]

    def suspects_by_network(self, visits: IntArray) -> Suspects:
        """Return all viewers of networks whose viewers together behave so.

        Args:
            visits: network and viewer of each visit, (2, N).
        """
        network, viewer = visits[:, np.argsort(visits[1])]
        first, last = (np.searchsorted(viewer, self.viewer, side) for side in ("left", "right"))
        rows = np.repeat(np.arange(self.viewer.size), last - first)
        place = np.arange(rows.size) - np.repeat(np.cumsum(last - first) - last, last - first)
        columns = {field.name: getattr(self, field.name)[rows] for field in fields(self)}
        networks, views, _, clicks, fastest = Activity(**columns).summed(network[place])
        flags = Flag.BOT_RATE * (fastest > MAX_NETWORK_VIEWS_AN_HOUR)
        clicked_all = clicks > MAX_NETWORK_CLICK_SHARE * views
        flags += Flag.CLICKS_ALL * ((views >= MIN_NETWORK_VIEWS_TO_JUDGE) & clicked_all)
        suspect = np.isin(network, networks[flags > 0])
        return viewer[suspect], flags[np.searchsorted(networks, network[suspect])]

    def summed(self, whose: IntArray) -> tuple[IntArray, ...]:
        """Return distinct owners of rows; their views, implied, clicks, and views of one hour."""
        owners, place = np.unique(whose, return_inverse=True)
        sums = [
            np.bincount(place, weights=column, minlength=owners.size)
            for column in (self.views, self.implied, self.clicks)
        ]
        fastest = np.zeros(owners.size, dtype=np.int64)
        by_hour = place * HOURS_A_DAY + self.hour % HOURS_A_DAY
        _, of_hour = np.unique(by_hour, return_inverse=True)
        in_hour = np.bincount(of_hour, weights=self.views)
        np.maximum.at(fastest, place, in_hour[of_hour].astype(np.int64))
        return owners, *sums, fastest


def _joined(found: Sequence[Suspects]) -> Suspects:
    """Return each suspect once, with the flags of all rules."""
    viewers, place = np.unique(np.concatenate([v for v, _ in found]), return_inverse=True)
    flags = np.zeros(viewers.size, dtype=np.int64)
    np.bitwise_or.at(flags, place, np.concatenate([f for _, f in found]))
    return viewers, flags


def flag_last_days(days: int) -> int:
    """Flag today's and the days' before it, ``days`` in all; return how many were newly flagged.

    Which networks viewers came from before is forgotten.
    """
    today = now_ms() // DAY_MS
    forget_before(today - days + 1)
    return flag_days(range(today - days + 1, today + 1))
