"""A month's page views of the pilot, drawn day by day: who saw which video, where and when."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
# Table 3: mean page views of a video in the arms raw thumbnails, re-SEQ2SEQ and GEVADEN.
PAPER_VIEWS = (3547.0, 3603.8, 3601.2)
# Shares of the hours of a day and factors of the days of a week from Monday: assumptions, with
# the evening and the weekend busier, as on any site for leisure.
HOUR_WEIGHTS = np.array(
    [3, 2, 1, 1, 1, 1, 2, 3, 4, 4, 4, 5, 6, 5, 4, 4, 5, 6, 7, 8, 9, 9, 7, 5], dtype=np.float64
)
WEEKDAY_FACTORS = (0.94, 0.92, 0.92, 0.95, 1.02, 1.14, 1.11)
PLACES = 30


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """N impressions in the order of time.

    Attributes:
        offset_ms: since the start of their day, int64 (N,), ascending.
        viewer: number of the viewer, int64 (N,).
        video: number of the video, int64 (N,).
        position: place on the page from 0, int64 (N,).
        luck: uniform in [0, 1), (N,): a click where it is below the click's probability.
    """

    offset_ms: NDArray[np.int64]
    viewer: NDArray[np.int64]
    video: NDArray[np.int64]
    position: NDArray[np.int64]
    luck: NDArray[np.float64]


@dataclass(frozen=True)
class Month:
    """What decides a month's traffic.

    Attributes:
        videos: how many there are.
        viewers: how many come.
        views: expected impressions over all days.
        days: how many days.
        first_weekday: 0 for a month that begins on a Monday.
        popularity_shape: shape of the gamma-distributed popularity of videos; small is uneven.
        seed: what makes the month repeatable.
    """

    videos: int
    viewers: int
    views: float
    days: int
    first_weekday: int
    popularity_shape: float
    seed: int

    @cached_property
    def popularity(self) -> NDArray[np.float64]:
        """Cumulative share of the views by video, (V,), the last 1."""
        rng = np.random.default_rng([self.seed, 3])
        total = np.cumsum(rng.gamma(self.popularity_shape, size=self.videos))
        shares: NDArray[np.float64] = total / total[-1]
        return shares

    @cached_property
    def day_shares(self) -> NDArray[np.float64]:
        """Each day's share of the month's views, (days,)."""
        weekdays = (self.first_weekday + np.arange(self.days)) % 7
        factors = np.array(WEEKDAY_FACTORS)[weekdays]
        shares: NDArray[np.float64] = factors / factors.sum()
        return shares

    def draw_day(self, day: int) -> Views:
        """Draw one day; any day can be drawn by itself, and gives the same each time."""
        rng = np.random.default_rng([self.seed, 4, day])
        count = int(rng.poisson(self.views * self.day_shares[day]))
        hours = rng.choice(24, size=count, p=HOUR_WEIGHTS / HOUR_WEIGHTS.sum())
        offset_ms = np.sort(hours * HOUR_MS + rng.integers(0, HOUR_MS, count))
        video = np.searchsorted(self.popularity, rng.random(count), side="right")
        return Views(
            offset_ms=offset_ms,
            viewer=rng.integers(0, self.viewers, count),
            video=video.astype(np.int64),
            position=rng.integers(0, PLACES, count),
            luck=rng.random(count),
        )

    def draw(self) -> Iterator[Views]:
        """Draw every day in turn."""
        for day in range(self.days):
            yield self.draw_day(day)


def sequence_in_ms(ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of each entry within its run of equal values, from 0, (N,), ascending in."""
    index = np.arange(len(ms))
    is_first = np.concatenate(([True], ms[1:] != ms[:-1])) if len(ms) else np.zeros(0, dtype=bool)
    numbers: NDArray[np.int64] = index - np.maximum.accumulate(np.where(is_first, index, 0))
    return numbers
