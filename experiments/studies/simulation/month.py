"""A month's page views of the pilot, drawn hour by hour: who saw what, and what its report met.

A *visit* is a page served to one viewer: all its places have the same millisecond, and the viewer
looks at the first few of them. `Habits` has every parameter; none is in the paper, so all of them
are assumptions. docs/replica.md explains them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from enum import IntEnum
from functools import cached_property, lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray

from experiments.paper import TABLE_3

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
PAPER_VIEWS = tuple(row.mean_views for row in TABLE_3.values())  # of a video in each arm
# Shares of the hours of a day and factors of the days of a week from Monday: assumptions, with
# the evening and the weekend busier, as on any site for leisure.
HOUR_WEIGHTS = np.array(
    [3, 2, 1, 1, 1, 1, 2, 3, 4, 4, 4, 5, 6, 5, 4, 4, 5, 6, 7, 8, 9, 9, 7, 5], dtype=np.float64
)
WEEKDAY_FACTORS = (0.94, 0.92, 0.92, 0.95, 1.02, 1.14, 1.11)
PLACES = 30
# A viewer looks at the first 1 to 30 places, each number as likely: every place that is looked at,
# as often as it is.
PLACES_SEEN = tuple(place for depth in range(1, PLACES + 1) for place in range(depth))
MEAN_DEPTH = (1 + PLACES) / 2
DRAWN_FROM = 1 << 20  # popularity is kept in units of this share


class Fate(IntEnum):
    """What becomes of the reports of one impression on their way."""

    ONCE = 0
    LOST = 1  # never arrive
    LATE = 2  # arrive the day after
    TWICE = 3  # arrive, and once more the same day
    TWICE_LATE = 4  # arrive, and once more the day after


@dataclass(frozen=True, slots=True)
class Habits:
    """How viewers, videos and the network behave.

    Attributes:
        viewer_tail: tail index of the Pareto-distributed visits a viewer; smaller is heavier.
        new_videos: share of the videos that enter after the first day, on a day of equal chance.
        popularity_shape: shape of the gamma-distributed popularity of videos; small is uneven.
        bots: share of the visits that crawlers make, on top of the viewers' own.
        bot_clicks: share of what it sees that a crawler clicks, whatever the arm.
        lost, late, twice, twice_late: shares of the impressions with these fates.
        strays: clicks that name no impression, for each impression.
    """

    viewer_tail: float = 2.5
    new_videos: float = 0.3
    popularity_shape: float = 4.0
    bots: float = 0.015
    bot_clicks: float = 0.2
    lost: float = 0.01
    late: float = 0.003
    twice: float = 0.005
    twice_late: float = 0.001
    strays: float = 0.0001

    def __post_init__(self) -> None:
        shares = (self.new_videos, self.bots, self.bot_clicks, self.strays, *self.fates)
        if not all(0 <= share < 1 for share in shares) or sum(self.fates) >= 1:
            raise ValueError(f"{self}: shares must be from 0 to below 1, the fates' together too")
        if not self.viewer_tail > 1 or not self.popularity_shape > 0:
            raise ValueError(f"{self}: viewer_tail must be over 1, popularity_shape over 0")

    @property
    def fates(self) -> tuple[float, ...]:
        """The shares of the fates from LOST on."""
        return self.lost, self.late, self.twice, self.twice_late


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """N impressions in the order of time, S clicks that name none.

    Attributes:
        offset_ms: since the start of their day, int64 (N,), ascending; equal within a visit.
        viewer: number of the viewer, int32 (N,); crawlers come after all people.
        video: number of the video, int32 (N,).
        position: place on the page from 0, int16 (N,).
        luck: uniform in [0, 1), (N,): a click where it is below the click's probability.
        fate: what becomes of the reports, see `Fate`, int8 (N,).
        strays: offset_ms that the clicks without an impression claim, int64 (S,).
    """

    offset_ms: NDArray[np.int64]
    viewer: NDArray[np.int32]
    video: NDArray[np.int32]
    position: NDArray[np.int16]
    luck: NDArray[np.float64]
    fate: NDArray[np.int8]
    strays: NDArray[np.int64]

    @classmethod
    def joined(cls, parts: Sequence[Self]) -> Self:
        """Return the views of several spans, which follow each other."""
        names = [column.name for column in fields(cls)]
        return cls(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


@dataclass(frozen=True)
class Month:
    """What decides a month's traffic.

    Attributes:
        videos: how many there are.
        viewers: how many people come.
        views: expected impressions over all days that people see and whose reports arrive.
        days: how many days.
        first_weekday: 0 for a month that begins on a Monday.
        seed: what makes the month repeatable.
        habits: how viewers, videos and the network behave.
    """

    videos: int
    viewers: int
    views: float
    days: int
    first_weekday: int
    seed: int
    habits: Habits = field(default_factory=Habits)

    @cached_property
    def bots(self) -> int:
        """How many crawlers there are: far fewer than people, and each comes often."""
        return max(1, self.viewers // 1000)

    @cached_property
    def visits(self) -> float:
        """Expected visits over all days, crawlers' included."""
        return self.views / MEAN_DEPTH / (1 - self.habits.lost) / (1 - self.habits.bots)

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """Popularity of each video while it is there, (V,)."""
        rng = np.random.default_rng([self.seed, 3])
        return rng.gamma(self.habits.popularity_shape, size=self.videos)

    @cached_property
    def entry_day(self) -> NDArray[np.int64]:
        """First day of each video, (V,)."""
        rng = np.random.default_rng([self.seed, 7])
        days = rng.integers(1, max(self.days, 2), self.videos)
        days[rng.random(self.videos) >= self.habits.new_videos] = 0
        days[:1] = 0  # there is always something to see
        return days

    @cached_property
    def day_shares(self) -> NDArray[np.float64]:
        """Each day's share of the month's views, (days,)."""
        weekdays = (self.first_weekday + np.arange(self.days)) % 7
        factors = np.array(WEEKDAY_FACTORS)[weekdays]
        shares: NDArray[np.float64] = factors / factors.sum()
        return shares

    @property
    def hour_shares(self) -> NDArray[np.float64]:
        """Each hour's share of a day's views, (24,)."""
        shares: NDArray[np.float64] = HOUR_WEIGHTS / HOUR_WEIGHTS.sum()
        return shares

    def draw_hour(self, day: int, hour: int) -> Views:
        """Draw one hour; any hour can be drawn by itself, and gives the same each time."""
        rng = np.random.default_rng([self.seed, 4, day, hour])
        share = self.day_shares[day] * self.hour_shares[hour]
        visits = int(rng.poisson(self.visits * share))
        served_ms = np.sort(hour * HOUR_MS + rng.integers(0, HOUR_MS, visits))
        viewer = self._draw_viewers(rng, visits)
        depth = rng.integers(1, PLACES + 1, visits)
        count = int(depth.sum())
        on_page = _videos_by_share(self, day)
        strays = rng.integers(0, HOUR_MS, rng.poisson(self.habits.strays * count))
        return Views(
            offset_ms=np.repeat(served_ms, depth),
            viewer=np.repeat(viewer, depth),
            video=on_page[rng.integers(0, DRAWN_FROM, count, dtype=np.int32)],
            position=_places(depth),
            luck=rng.random(count),
            fate=self._draw_fates(rng, count),
            strays=hour * HOUR_MS + np.sort(strays),
        )

    def draw_day(self, day: int) -> Views:
        """Draw one day, hour by hour."""
        return Views.joined([self.draw_hour(day, hour) for hour in range(24)])

    def draw(self) -> Iterator[Views]:
        """Draw every day in turn."""
        for day in range(self.days):
            yield self.draw_day(day)

    def _draw_viewers(self, rng: np.random.Generator, visits: int) -> NDArray[np.int32]:
        """Draw who comes: viewer i with probability in proportion to (i + 1) ** (-1 / tail).

        By the inverse of the distribution function of that power law over [0, viewers).
        """
        power = 1 / (1 - 1 / self.habits.viewer_tail)
        person = np.floor(self.viewers * rng.random(visits) ** power).astype(np.int32)
        bot = self.viewers + rng.integers(0, self.bots, visits, dtype=np.int32)
        return np.where(rng.random(visits) < self.habits.bots, bot, person)

    def _draw_fates(self, rng: np.random.Generator, count: int) -> NDArray[np.int8]:
        ends = np.cumsum(self.habits.fates)
        chance = rng.random(count)
        fate = np.zeros(count, dtype=np.int8)
        special = np.flatnonzero(chance < ends[-1])
        fate[special] = 1 + np.searchsorted(ends, chance[special], side="right")
        return fate


@lru_cache(maxsize=2)
def _videos_by_share(month: Month, day: int) -> NDArray[np.int32]:
    """Return the videos that are there, each as often as its share of 2^20 says, (2^20,)."""
    there = np.cumsum(np.where(month.entry_day <= day, month.popularity, 0.0))
    points = (np.arange(DRAWN_FROM) + 0.5) / DRAWN_FROM * there[-1]
    videos: NDArray[np.int32] = np.searchsorted(there, points, side="right").astype(np.int32)
    return videos


def _places(depth: NDArray[np.int64]) -> NDArray[np.int16]:
    """Return 0, 1, ... depth - 1 of each visit in turn, (sum of depth,)."""
    begins = np.cumsum(depth) - depth
    place = np.arange(int(depth.sum()), dtype=np.int32) - np.repeat(begins.astype(np.int32), depth)
    return place.astype(np.int16)


def sequence_in_ms(ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each entry within its run of equal values, from 0, (N,), ascending in."""
    index = np.arange(len(ms))
    is_first = np.concatenate(([True], ms[1:] != ms[:-1])) if len(ms) else np.zeros(0, dtype=bool)
    numbers: NDArray[np.int64] = index - np.maximum.accumulate(np.where(is_first, index, 0))
    return numbers
