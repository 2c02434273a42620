"""Windows of weeks in which assignment was broken, found without being told: a scan statistic.

Every run of weeks is a candidate. Its statistic compares the tests within with those outside: with
scores z of the tests, mean z̄ and variance s² over all N, a window of n tests has

    T = (Σ z - n z̄) / sqrt( s² n (N - n) / N ),

in which the likelihood ratio of the normal scan statistic is monotone (Kulldorff, Huang & Konty
2009, Int. J. Health Geographics 8:58). The scores are normal scores of the ranks of the tests'
sample-ratio p-values, small p-values high. Where weeks do not matter the tests are exchangeable
over weeks, so the largest T over all windows is compared with the same of shuffled tests: the
chance of any false window is at most the rate, whatever the p-values' distribution. After a window
is found its weeks are taken out and the rest is scanned again (Zhang, Assunção & Kulldorff 2010).
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from experiments.analysis.stats.errors import InputError
from experiments.analysis.stats.records import BoolArray, FloatArray, IntArray

RATE = 0.01
PERMUTATIONS = 999
WIDEST = 0.5  # share of the tests; a window of more says that the other weeks are the odd ones


@dataclass(frozen=True, slots=True)
class Window:
    """A run of weeks whose tests are less balanced than the others.

    Attributes:
        first, last: its weeks, both within.
        tests: number of tests in it.
        p_value: of the scan that found it, over all windows there are.
    """

    first: int
    last: int
    tests: int
    p_value: float


def find_windows(
    week: IntArray,
    p_values: FloatArray,
    *,
    rate: float = RATE,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> tuple[Window, ...]:
    """Return the broken windows, in order of time.

    Args:
        week: number of each test's week, (N,).
        p_values: of each test's sample-ratio check, (N,), none nan.
        rate: chance of finding any window where there is none.
        permutations: shuffles that a window is compared with.
        seed: of the shuffles.

    Raises:
        InputError: where the rate cannot be reached with so few permutations.
    """
    if not 1 / (permutations + 1) <= rate < 1:
        raise InputError(
            f"permutations == {permutations}, must be at least {1 / rate - 1:.0f} for rate {rate}"
        )
    rng = np.random.default_rng(seed)
    left, found = np.ones(len(week), dtype=bool), []
    while window := _surest(week, p_values, left, permutations, rng):
        if window.p_value > rate:
            break
        found.append(window)
        left &= (week < window.first) | (week > window.last)
    return tuple(sorted(found, key=lambda window: window.first))


def _surest(
    week: IntArray,
    p_values: FloatArray,
    left: BoolArray,
    permutations: int,
    rng: np.random.Generator,
) -> Window | None:
    order = np.flatnonzero(left)[np.argsort(week[left], kind="stable")]
    if len(order) < 2 or np.ptp(p_values[order]) == 0:
        return None
    ranks = scipy.stats.rankdata(-p_values[order])
    scores = scipy.stats.norm.ppf((ranks - 0.5) / len(order))
    # Weeks taken out before leave a gap that no window may bridge.
    grid = _Grid.of(week[order], week[~left])
    largest, (start, end) = grid.largest(scores)
    above = sum(grid.largest(rng.permutation(scores))[0] >= largest for _ in range(permutations))
    weeks = grid.weeks
    tests = int(grid.offsets[end + 1] - grid.offsets[start])
    p_value = (1 + above) / (1 + permutations)
    return Window(int(weeks[start]), int(weeks[end]), tests, p_value)


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """All candidate windows over W weeks with tests.

    Attributes:
        weeks: numbers of the weeks, ascending, (W,).
        offsets: number of tests before each week and at the end, (W + 1,).
        scale: N / (n (N - n)) under the root for each window, (W + 1, W + 1): row start, column
            end + 1; 0 where there is no such window.
    """

    weeks: IntArray
    offsets: IntArray
    scale: NDArray[np.float64]

    @classmethod
    def of(cls, week: IntArray, taken: IntArray) -> "_Grid":
        weeks, starts = np.unique(week, return_index=True)
        offsets = np.append(starts, len(week))
        inside = (offsets[None, :] - offsets[:, None]).astype(np.float64)  # n of [row, column)
        total = float(len(week))
        segment = np.searchsorted(np.unique(taken), weeks)  # weeks taken out before each
        ends = np.arange(1, len(weeks) + 1)
        bridged = np.ones(inside.shape, dtype=bool)
        bridged[:-1, 1:] = segment[:, None] != segment[ends - 1][None, :]
        allowed = (inside > 0) & (inside <= WIDEST * total) & ~bridged
        scale = np.zeros(inside.shape)
        np.divide(total, inside * (total - inside), out=scale, where=allowed)
        return cls(weeks, offsets, np.sqrt(scale))

    def largest(self, scores: FloatArray) -> tuple[float, tuple[int, int]]:
        """Return the largest T and its first and last week's places; scores (N,) by week."""
        sums = np.append(0.0, np.cumsum(scores - scores.mean()))[self.offsets]
        statistic = (sums[None, :] - sums[:, None]) * self.scale
        place = int(np.argmax(statistic))
        start, end = divmod(place, len(self.offsets))
        return float(statistic.flat[place]) / float(scores.std()), (start, end - 1)
