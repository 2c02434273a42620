"""Good rows are added up: by test and arm, and by day where an arm has rows of several days."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray
from experiments.studies.historical.records import NO_CREATIVE, Archive, DayCounts, Days
from experiments.studies.historical.rows import Rows

HARDLY_ANY = 1e-9  # impressions that a day without any counts for in an arm's promised share


@dataclass(frozen=True, slots=True, eq=False)
class _Cells:
    """Sums by test, arm and day, in this order; the day is 0 in tests that are not told by day.

    Attributes:
        test, arm, day: of each cell, (C,).
        first: the first of its rows, (C,).
        of_row: the cell of each row, (N,).
        impressions, clicks: (C,).
        weight: promised, of the first row, (C,).
    """

    test: IntArray
    arm: IntArray
    day: IntArray
    first: IntArray
    of_row: IntArray
    impressions: FloatArray
    clicks: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, rows: Rows, place: IntArray) -> "_Cells":
        test, arm, day = rows.test[place], rows.arm[place], rows.dates.stratum[place]
        by_day = _told_by_day(np.stack([test, arm, day]), len(rows.tests))
        keys = np.stack([test, arm, np.where(by_day[test], day, 0)])
        cells, first, cell = np.unique(keys, axis=1, return_index=True, return_inverse=True)
        return cls(
            test=cells[0],
            arm=cells[1],
            day=cells[2],
            first=first,
            of_row=cell,
            impressions=_sums(cell, rows.impressions[place]),
            clicks=_sums(cell, rows.clicks[place]),
            weight=rows.weight[place][first],
        )

    def promised(self) -> FloatArray:
        """Return how many of its test's impressions on its day each cell was promised, (C,)."""
        _, group = np.unique(np.stack([self.test, self.day]), axis=1, return_inverse=True)
        share = self.weight / np.bincount(group, weights=self.weight)[group]
        shown = np.maximum(np.bincount(group, weights=self.impressions), HARDLY_ANY)
        return np.asarray(share * shown[group])


def add_up(rows: Rows, good: BoolArray) -> tuple[Archive, tuple[str, ...], int]:
    """Return the archive, the tests of one arm, and how many rows those have."""
    place = np.flatnonzero(good)
    cells = _Cells.of(rows, place)
    keys = np.stack([cells.test, cells.arm])
    pairs, pair_of_cell = np.unique(keys, axis=1, return_inverse=True)
    first = np.full(pairs.shape[1], len(place))
    np.minimum.at(first, pair_of_cell, cells.first)
    # Arms in the order in which the file has them; tests in the order of their codes, the same.
    order = np.lexsort([first, pairs[0]])
    sizes = np.bincount(pairs[0], minlength=len(rows.tests))
    kept = order[sizes[pairs[0][order]] > 1]
    codes, test = np.unique(pairs[0][kept], return_inverse=True)

    def summed(values: FloatArray) -> FloatArray:
        return np.asarray(_sums(pair_of_cell, values)[kept])

    archive = Archive(
        names=tuple(rows.tests[code] for code in codes),
        began=_began(rows, place)[codes],
        test=test,
        arms=tuple(rows.arms[code] for code in pairs[1][kept]),
        impressions=summed(cells.impressions).astype(np.int64),
        clicks=summed(cells.clicks).astype(np.int64),
        weights=summed(cells.promised()),
        creative=_creatives(rows.creative[place], first, pair_of_cell[cells.of_row])[kept],
        by_day=_by_day(cells, len(rows.tests), pair_of_cell, kept),
    )
    lone = np.flatnonzero(sizes == 1)
    lone_rows = int(np.isin(rows.test[place], lone).sum())
    return archive, tuple(rows.tests[code] for code in lone), lone_rows


def _sums(group: IntArray, values: FloatArray) -> FloatArray:
    return np.bincount(group, weights=values).astype(np.float64)


def _told_by_day(keys: IntArray, tests: int) -> BoolArray:
    """Return in which tests an arm has rows of several days, (T,); keys are test, arm and day."""
    days = np.unique(keys, axis=1)
    arms, count = np.unique(days[:2], axis=1, return_counts=True)
    told = np.zeros(tests, dtype=bool)
    told[arms[0][count > 1]] = True
    return told


def _by_day(cells: _Cells, tests: int, pair_of_cell: IntArray, kept: IntArray) -> DayCounts | None:
    """Return the cells of tests that are told by day, of arms in the archive."""
    place_of_pair = np.full(int(pair_of_cell.max(initial=-1)) + 1, -1)
    place_of_pair[kept] = np.arange(len(kept))
    arm = place_of_pair[pair_of_cell]
    several = _told_by_day(np.stack([cells.test, cells.arm, cells.day]), tests)
    used = np.flatnonzero((arm >= 0) & several[cells.test])
    used = used[np.lexsort([cells.day[used], arm[used]])]
    if not len(used):
        return None
    return DayCounts(arm[used], cells.day[used], cells.impressions[used], cells.clicks[used])


def _began(rows: Rows, place: IntArray) -> Days:
    began = np.full(len(rows.tests), np.datetime64("NaT", "D"))
    np.fmin.at(began, rows.test[place], rows.dates.day[place])
    return began


def _creatives(creative: IntArray, first: IntArray, pair_of_row: IntArray) -> IntArray:
    """Return what each arm showed, NO_CREATIVE where its rows do not agree."""
    shown = creative[first]
    differs = np.bincount(pair_of_row, weights=creative != shown[pair_of_row]) > 0
    return np.where(differs, NO_CREATIVE, shown)
