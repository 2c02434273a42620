"""Alpha spending, and the bounds that spend it: computed, not tabled.

Lan & DeMets (1983): a spending function says how much of alpha may be used by the time a fraction
t of the planned information is in. Bounds are symmetric and two-sided, found by integrating the
Gaussian random walk forward look by look (Armitage, McPherson & Rowe 1969; Jennison & Turnbull
2000, chapter 19). The times between looks need not be equal nor known in advance.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
import scipy

from experiments.analysis.stats.records import FloatArray

NEGLIGIBLE = 1e-15  # alpha that no bound within float64 can spend
WIDEST = 9.0  # standard errors beyond which the walk has no mass worth integrating


class Spending(StrEnum):
    """Spending functions α(t), named by their formulas."""

    POCOCK_LIKE = "Pocock-like, α ln(1 + (e - 1) t)"
    OBRIEN_FLEMING_TWO_SIDED = "O'Brien-Fleming-like, two-sided, 4 - 4Φ(z_{α/4} / √t)"
    OBRIEN_FLEMING_COMMON = "O'Brien-Fleming-like, the common form, 2 - 2Φ(z_{α/2} / √t)"


_SPENT: dict[Spending, Callable[[float, float], float]] = {
    Spending.POCOCK_LIKE: lambda t, a: a * np.log1p((np.e - 1) * t),
    Spending.OBRIEN_FLEMING_TWO_SIDED: lambda t, a: (
        4 * scipy.special.ndtr(scipy.special.ndtri(a / 4) / np.sqrt(t))
    ),
    Spending.OBRIEN_FLEMING_COMMON: lambda t, a: (
        2 * scipy.special.ndtr(scipy.special.ndtri(a / 2) / np.sqrt(t))
    ),
}


def spent(spending: Spending, fraction: float, alpha: float) -> float:
    """Return the alpha that may be spent by an information fraction; all of it from 1 on."""
    if not fraction > 0:
        return 0.0
    return float(_SPENT[spending](min(fraction, 1.0), alpha))


def bounds(information: Sequence[float], spent_by: Sequence[float]) -> FloatArray:
    """Return the critical |Z| of each look.

    Args:
        information: at each look, increasing, in any unit (only ratios matter).
        spent_by: cumulative alpha at each look, not decreasing.

    Returns:
        (L,) critical values; inf at a look that has no alpha to spend.
    """
    times, steps = _times(information)
    spend = np.diff(np.asarray(spent_by), prepend=0.0)
    walk, critical = _START, np.full(times.size, np.inf)
    for i, time in enumerate(times):
        if spend[i] > NEGLIGIBLE:
            critical[i] = walk.bound(float(time), float(steps[i]), float(spend[i]))
        edge = min(critical[i], WIDEST) * np.sqrt(time)
        walk = walk.after(float(steps[i]), (-edge, edge), float(steps[i:].min()))
    return critical


def crossing_probability(
    information: Sequence[float], critical: Sequence[float], drift: float = 0.0
) -> float:
    """Return the probability that |Z| crosses some bound when the last Z has mean `drift`."""
    times, steps = _times(information)
    walk, crossed = _START, 0.0
    for i, time in enumerate(times):
        # The walk with its drift taken out lives between shifted edges.
        edge = min(float(critical[i]), WIDEST) * np.sqrt(time)
        edges = (-edge - drift * time, edge - drift * time)
        crossed += walk.exit(float(steps[i]), edges)
        walk = walk.after(float(steps[i]), edges, float(steps[i:].min()))
    return crossed


@dataclass(frozen=True, slots=True, eq=False)
class _Walk:
    """Brownian motion that has not crossed: its mass on quadrature nodes, (N,) each."""

    nodes: FloatArray
    mass: FloatArray

    def exit(self, step: float, edges: tuple[float, float]) -> float:
        """Return the probability of being outside the edges one step later."""
        scale = np.sqrt(step)
        below = scipy.special.ndtr((edges[0] - self.nodes) / scale)
        above = scipy.special.ndtr((self.nodes - edges[1]) / scale)
        return float(self.mass @ (below + above))

    def bound(self, time: float, step: float, spend: float) -> float:
        """Return the critical |Z| that the walk exceeds at `time` with probability `spend`."""

        def excess(critical: float) -> float:
            edge = critical * np.sqrt(time)
            return self.exit(step, (-edge, edge)) - spend

        return float(scipy.optimize.brentq(excess, 0.0, 10.0, xtol=1e-9))

    def after(self, step: float, edges: tuple[float, float], smallest: float) -> "_Walk":
        """Return what is left one step later, on nodes fine enough for the `smallest` step."""
        width = edges[1] - edges[0]
        fineness = 5 * width / np.sqrt(smallest)
        unit, weights = _gauss_legendre(int(2 ** np.clip(np.ceil(np.log2(fineness)), 5, 10)))
        nodes = (edges[0] + edges[1]) / 2 + width / 2 * unit
        distances = (nodes[:, None] - self.nodes) / np.sqrt(step)
        density = np.exp(-(distances**2) / 2) @ self.mass / np.sqrt(2 * np.pi * step)
        return _Walk(nodes, density * weights * width / 2)


_START = _Walk(np.zeros(1), np.ones(1))


def _times(information: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    times = np.asarray(information) / information[-1]
    return times, np.diff(times, prepend=0.0)


@lru_cache(maxsize=8)
def _gauss_legendre(count: int) -> tuple[FloatArray, FloatArray]:
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights
