"""Records of tests that are over: counts by arm, and when each began.

Shape legend: T tests, A arms of all tests together, P pairs of arms.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import (
    BoolArray,
    FloatArray,
    IntArray,
    amounts,
    whole_numbers,
)

NO_CREATIVE = -1
Days = NDArray[np.datetime64]
_WEEK_DAYS = 7
_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday, Monday being 0


@dataclass(frozen=True, slots=True, eq=False)
class DayCounts:
    """The counts of R arms on single days, of the tests that have them, by arm and day.

    Attributes:
        arm: place of each row's arm in the archive, (R,), ascending.
        day: a number that is equal for the same day, (R,), ascending within an arm.
        impressions, clicks: (R,).
    """

    arm: IntArray
    day: IntArray
    impressions: FloatArray
    clicks: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Archive:
    """Every test with its arms, the arms of a test side by side.

    Attributes:
        names: of the tests, (T,).
        began: day of each test's first row, datetime64[D] (T,), NaT where it is not known.
        test: the test of each arm, int64 (A,), ascending from 0, each test with at least two.
        arms: names of the arms, (A,), distinct within a test.
        impressions: int64 (A,), not negative.
        clicks: int64 (A,), at most the impressions.
        weights: impressions promised to an arm relative to the others of its test, (A,), over 0.
        creative: what an arm showed as a number, equal where it is the same, int64 (A,);
            NO_CREATIVE where it is not known.
        by_day: None where no test is told by day.
    """

    names: tuple[str, ...]
    began: Days
    test: IntArray
    arms: tuple[str, ...]
    impressions: IntArray
    clicks: IntArray
    weights: FloatArray
    creative: IntArray
    by_day: DayCounts | None = None

    def __post_init__(self) -> None:
        shape = (len(self.arms),)
        test = whole_numbers("test", self.test, shape)
        whole_numbers("impressions", self.impressions, shape)
        whole_numbers("clicks", self.clicks, shape)
        if not np.all(amounts("weights", self.weights, shape) > 0):
            raise InputError("weights must be over 0")
        if np.any(self.clicks > self.impressions):
            raise InputError("clicks must be at most the impressions of their arm")
        sizes = np.bincount(test, minlength=len(self.names))
        if np.any(np.diff(test) < 0) or len(sizes) > len(self.names) or np.any(sizes < 2):
            raise InputError("test must ascend from 0, with at least two arms of every test")

    @property
    def count(self) -> int:
        """Number of tests, T."""
        return len(self.names)

    def total(self, values: FloatArray | IntArray | BoolArray) -> FloatArray:
        """Return the sum of a value of arms, (A,), by test, (T,)."""
        return np.bincount(self.test, weights=values, minlength=self.count).astype(np.float64)

    def first_arm(self) -> IntArray:
        """Return the place of each test's first arm, (T,)."""
        return np.searchsorted(self.test, np.arange(self.count))

    def weeks(self) -> IntArray:
        """Return the number of the week each test began in, (T,); see `monday`. Needs all days."""
        days = self.began.astype("datetime64[D]").astype(np.int64)
        return np.asarray((days + _EPOCH_WEEKDAY) // _WEEK_DAYS)

    @property
    def dated(self) -> BoolArray:
        """Which tests have a day, (T,)."""
        return ~np.isnat(self.began)


def monday(week: int) -> np.datetime64:
    """Return the first day of a week from its number."""
    return np.datetime64(week * _WEEK_DAYS - _EPOCH_WEEKDAY, "D")
