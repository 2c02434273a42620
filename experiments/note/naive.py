"""How often the naive pooled z-test calls a difference where there is none, by simulation."""

from dataclasses import dataclass

import numpy as np
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from experiments.stats.engine import HONEST, compare_arms
from experiments.stats.records import Unit, VideoCounts
from experiments.stats.results import Estimate, Method
from experiments.stats.scenarios import Scenario, draw
from experiments.stats.two_way import CodedCells

NOMINAL = 0.05
LEVEL = 0.95
HETEROGENEOUS_SD = 0.25
UNITS = (Unit.VIEWER, Unit.VIEWER_VIDEO, Unit.VIDEO)


@dataclass(frozen=True, slots=True)
class Realised:
    """How often tests of a true null rejected it at NOMINAL.

    Attributes:
        effect_sd: spread of effects over videos and viewers, their mean being nothing.
        pooled_z: of the naive test of total clicks over total views.
        honest: of the test that the design calls for, `method`.
    """

    unit: Unit
    effect_sd: float
    method: Method
    pooled_z: Estimate
    honest: Estimate


def realised_rates(repetitions: int, seed: int) -> tuple[Realised, ...]:
    """Draw null experiments under each unit, without and with heterogeneous effects."""
    return tuple(
        realised_rate(Scenario(unit, effect_spread=spread), repetitions, [seed, number, at])
        for number, unit in enumerate(UNITS)
        for at, spread in enumerate((0.0, HETEROGENEOUS_SD))
    )


def realised_rate(scenario: Scenario, repetitions: int, seed: list[int]) -> Realised:
    """Draw one scenario again and again, and test each draw both ways."""
    naive = honest = 0
    method = HONEST[scenario.unit][0]
    for repetition in range(repetitions):
        cells = draw(scenario, np.random.default_rng([*seed, repetition]))
        counts = CodedCells.of(cells).counts()
        naive += pooled_z_p_value(counts) < NOMINAL
        (found,) = compare_arms(counts, scenario.unit, cells=cells, method=method).comparisons
        honest += found.p_value < NOMINAL
    return Realised(
        scenario.unit,
        scenario.effect_spread,
        method,
        _share(naive, repetitions),
        _share(honest, repetitions),
    )


def pooled_z_p_value(counts: VideoCounts) -> float:
    """Return the two-sided p-value of two pooled proportions, every view an independent draw."""
    views, clicks = counts.views.sum(axis=0), counts.clicks.sum(axis=0)
    rate = clicks.sum() / views.sum()
    error = np.sqrt(rate * (1 - rate) * np.sum(1 / views))
    z = (clicks[1] / views[1] - clicks[0] / views[0]) / error
    return float(2 * stats.norm.sf(abs(z)))


def _share(rejected: int, of: int) -> Estimate:
    low, high = proportion_confint(rejected, of, 1 - LEVEL, method="beta")
    return Estimate(rejected / of, float(low), float(high), LEVEL)
