"""Error rates of the naive pooled z-test where there is no difference, by simulation."""

from dataclasses import dataclass

import numpy as np
from statsmodels.stats.proportion import proportions_ztest

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate, honest_method
from experiments.analysis.stats.proportion import proportion
from experiments.analysis.stats.records import VideoCounts, ViewerVideoSums
from experiments.analysis.stats.results import Estimate, Method
from experiments.analysis.stats.scenarios import Scenario, draw, draw_counts
from experiments.unit import Unit

NOMINAL = 0.05
HETEROGENEOUS_SD = 0.25
UNITS = (Unit.VIEWER, Unit.VIEWER_VIDEO, Unit.VIDEO)
VIDEOS = 400
FEW_VIEWS = 60.0  # of a video, both arms together
VIEWS_A_VIEWER = 35  # as in the replica


@dataclass(frozen=True, slots=True)
class Realised:
    """How often tests of a true null rejected it at NOMINAL.

    Attributes:
        views: mean views of a video, both arms together.
        effect_sd: spread of effects over videos and viewers, their mean being nothing.
        pooled_z: of the naive test of total clicks over total views.
        honest: of the test that the design calls for, `method`.
    """

    unit: Unit
    views: float
    effect_sd: float
    method: Method
    pooled_z: Estimate
    honest: Estimate


def realised_rates(many_views: float, repetitions: int, seed: int) -> tuple[Realised, ...]:
    """Draw null experiments under each unit, without and with heterogeneous effects.

    Args:
        many_views: of a video, both arms together, in the last two cells: experiments of a real
            study's size, assigned by (viewer, video), drawn as counts (each viewer once).
        repetitions: experiments in each cell.
        seed: of all.
    """
    viewers = round(VIDEOS * FEW_VIEWS / VIEWS_A_VIEWER)
    few = [
        Scenario(unit, videos=VIDEOS, viewers=viewers, views=FEW_VIEWS, effect_spread=spread)
        for unit in UNITS
        for spread in (0.0, HETEROGENEOUS_SD)
    ]
    many = [
        Scenario(
            Unit.VIEWER_VIDEO,
            videos=VIDEOS,
            views=many_views,
            viewer_spread=0.0,
            effect_spread=spread,
        )
        for spread in (0.0, HETEROGENEOUS_SD)
    ]
    return tuple(
        realised_rate(scenario, repetitions, [seed, number])
        for number, scenario in enumerate([*few, *many])
    )


def realised_rate(scenario: Scenario, repetitions: int, seed: list[int]) -> Realised:
    """Draw one scenario again and again, and test each draw both ways."""
    naive = honest = 0
    for repetition in range(repetitions):
        drawn = _drawn(scenario, np.random.default_rng([*seed, repetition]))
        estimated = estimate(drawn, scenario.unit)
        naive += pooled_z_p_value(estimated.counts) < NOMINAL
        honest += compare(estimated.mean_ctr)[0].p_value < NOMINAL
    return Realised(
        unit=scenario.unit,
        views=scenario.views,
        effect_sd=scenario.effect_spread,
        method=honest_method(scenario.unit, with_sums=scenario.viewer_spread > 0),
        pooled_z=proportion(naive, repetitions, method="beta"),
        honest=proportion(honest, repetitions, method="beta"),
    )


def _drawn(scenario: Scenario, rng: np.random.Generator) -> VideoCounts | ViewerVideoSums:
    """Draw impression by impression where viewers differ, else as counts."""
    return draw(scenario, rng) if scenario.viewer_spread else draw_counts(scenario, rng)


def pooled_z_p_value(counts: VideoCounts) -> float:
    """Return the two-sided p-value of two pooled proportions, every view an independent draw."""
    _, p_value = proportions_ztest(counts.clicks.sum(axis=0), counts.views.sum(axis=0))
    return float(p_value)
