"""The analysis of an archive: which tests can be trusted, and what those say together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.homogeneity import dispersion_to_use
from experiments.analysis.stats.records import BoolArray, IntArray
from experiments.studies.historical.balance import Ratios, ratios_by_test, ratios_by_week
from experiments.studies.historical.day_mix import shares_change
from experiments.studies.historical.effects import Effects, effects
from experiments.studies.historical.records import Archive
from experiments.studies.historical.same_creative import SameCreative, same_creative
from experiments.studies.historical.windows import Window, find_windows


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """The archive by week.

    Attributes:
        numbers: of the weeks with tests, ascending, (W,); see records.monday.
        tests: tests that began in each, (W,).
        mismatched: those of them with a mismatch of their own, (W,).
        ratios: of each week's tests together.
        windows: runs of weeks in which assignment was broken.
        undated: tests without a day; they are in no week.
    """

    numbers: IntArray
    tests: IntArray
    mismatched: IntArray
    ratios: Ratios
    windows: tuple[Window, ...]
    undated: int

    def within(self, windows: Sequence[Window]) -> BoolArray:
        """Return which weeks are in one of the windows, (W,)."""
        inside = np.zeros(len(self.numbers), dtype=bool)
        for window in windows:
            inside |= (self.numbers >= window.first) & (self.numbers <= window.last)
        return inside


@dataclass(frozen=True, slots=True, eq=False)
class Analysis:
    """All that an archive says.

    Attributes:
        weeks: None where no test has a day.
        in_window: tests that began in a broken window, (T,).
        trusted: tests with neither a mismatch nor a broken window, (T,): the others are in
            neither `same_creative` nor `effects`.
        changed: tests in which the arms' shares change with the day, (T,): their arms are compared
            over one mix of days, and they are not in `same_creative`.
    """

    archive: Archive
    ratios: Ratios
    weeks: Weeks | None
    in_window: BoolArray
    trusted: BoolArray
    changed: BoolArray
    same_creative: SameCreative
    effects: Effects


def analyse(archive: Archive, *, control: str = "", seed: int = 0) -> Analysis:
    """Judge every test of an archive.

    Args:
        archive: the tests.
        control: name of the control arm; where empty see effects.CONTROL_NAMES.
        seed: of the shuffles that windows are compared with.

    Raises:
        InputError: where no test has an arm of the control's name.
    """
    ratios = ratios_by_test(archive)
    weeks = _weeks(archive, ratios, seed) if archive.dated.any() else None
    in_window = _in_window(archive, weeks)
    trusted, changed = ~in_window & ~ratios.mismatched, shares_change(archive)
    nulls = same_creative(archive, trusted & ~changed)
    noise = dispersion_to_use(nulls.dispersion)
    return Analysis(
        archive=archive,
        ratios=ratios,
        weeks=weeks,
        in_window=in_window,
        trusted=trusted,
        changed=changed,
        same_creative=nulls,
        effects=effects(archive, trusted, changed, control, dispersion=noise),
    )


def _weeks(archive: Archive, ratios: Ratios, seed: int) -> Weeks:
    dated = archive.dated
    week = archive.weeks()
    numbers, place = np.unique(week[dated], return_inverse=True)
    scanned = dated & ratios.checked
    return Weeks(
        numbers=numbers,
        tests=np.bincount(place),
        mismatched=np.bincount(place, weights=ratios.mismatched[dated]).astype(np.int64),
        ratios=ratios_by_week(ratios.where(dated), place, len(numbers)),
        windows=find_windows(week[scanned], ratios.p_values[scanned], seed=seed),
        undated=int((~dated).sum()),
    )


def _in_window(archive: Archive, weeks: Weeks | None) -> BoolArray:
    inside = np.zeros(archive.count, dtype=bool)
    if weeks is not None:
        week = archive.weeks()
        for window in weeks.windows:
            inside |= archive.dated & (week >= window.first) & (week <= window.last)
    return inside
