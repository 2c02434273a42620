"""The click model: logistic, with the paper's mean rates, and spread around them.

    P(click | viewer u, video v, arm k, position i)
        = sigmoid(a_k + b_v + e_vk + t_u + d * i),
    b_v ~ N(0, video_sd),  e_v0 = 0,  e_vk ~ N(0, effect_sd),  t_u ~ N(0, viewer_sd)

The intercepts a_k are solved so that the mean of the probability over the drawn videos, and over
viewers and positions, is arm k's rate: 5.30, 6.36 and 7.29 % in the paper's Table 3. The spreads
are not in the paper: they are assumptions, stated here, and a study can vary them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from experiments.paper import TABLE_3

# mCTR, by the selector whose thumbnails an arm shows.
PAPER_RATES = {selector: row.mean_ctr for selector, row in TABLE_3.items()}
QUADRATURE_POINTS = 32
LOG_ODDS = np.linspace(-20.0, 20.0, 4001)


@dataclass(frozen=True, slots=True)
class ClickModel:
    """The model's parameters; spreads are on the scale of log-odds.

    Attributes:
        rates: mean click probability of each arm, the control first.
        video_sd: spread of videos around the mean.
        effect_sd: spread over videos of each arm's effect.
        viewer_sd: spread of viewers.
        position_slope: change a place further down the page.
    """

    rates: tuple[float, ...] = tuple(PAPER_RATES.values())
    video_sd: float = 0.7
    effect_sd: float = 0.25
    viewer_sd: float = 0.8
    position_slope: float = -0.02

    def __post_init__(self) -> None:
        if not all(0 < rate < 1 for rate in self.rates):
            raise ValueError(f"rates == {self.rates}, must each be between 0 and 1")
        if min(self.video_sd, self.effect_sd, self.viewer_sd) < 0:
            raise ValueError("spreads must not be negative")


@dataclass(frozen=True, slots=True, eq=False)
class Population:
    """Drawn videos and viewers, ready to say how probable a click is.

    Attributes:
        video_arm: a_k + b_v + e_vk, (V, K).
        viewer: t_u, (U,).
        position_slope: change of log-odds a place.
    """

    video_arm: NDArray[np.float64]
    viewer: NDArray[np.float64]
    position_slope: float

    def probability(
        self,
        video: NDArray[np.integer[Any]],
        arm: NDArray[np.integer[Any]],
        viewer: NDArray[np.integer[Any]],
        position: NDArray[np.integer[Any]],
    ) -> NDArray[np.float64]:
        """Return the click probability of n impressions, (n,), from their numbers, each (n,)."""
        log_odds = self.video_arm[video, arm] + self.viewer[viewer]
        probability: NDArray[np.float64] = scipy.special.expit(
            log_odds + self.position_slope * position
        )
        return probability


def draw_population(
    model: ClickModel, videos: int, viewers: int, positions: Sequence[int], seed: int
) -> Population:
    """Draw the effects of videos and viewers; the same seed draws the same.

    Args:
        model: the spreads, and the rates that the means over the drawn videos have.
        videos: how many, V.
        viewers: how many, U.
        positions: places on the page, each as often as it is looked at.
        seed: makes the population repeatable.
    """
    rng = np.random.default_rng([seed, 1])
    base = model.video_sd * rng.standard_normal((videos, 1))
    effects = model.effect_sd * rng.standard_normal((videos, len(model.rates)))
    effects[:, 0] = 0.0
    video_arm = base + effects + _intercepts(model, base + effects, positions)
    tendency = model.viewer_sd * rng.standard_normal(viewers)
    return Population(video_arm, tendency, model.position_slope)


def _intercepts(
    model: ClickModel, effects: NDArray[np.float64], positions: Sequence[int]
) -> NDArray[np.float64]:
    """Return a_k, (K,), such that videos of effects (V, K) have the rates in the mean."""
    chance = _mean_chance(model, positions)

    def solve(rate: float, effect: NDArray[np.float64]) -> float:
        def excess(intercept: float) -> float:
            return float(np.interp(intercept + effect, LOG_ODDS, chance).mean()) - rate

        return float(scipy.optimize.brentq(excess, LOG_ODDS[0], LOG_ODDS[-1]))

    pairs = zip(model.rates, effects.T, strict=True)
    return np.array([solve(rate, effect) for rate, effect in pairs])


def _mean_chance(model: ClickModel, positions: Sequence[int]) -> NDArray[np.float64]:
    """Return the probability over viewers and positions at each of LOG_ODDS.

    The mean over N(0, 1) is by Gauss-Hermite quadrature.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE_POINTS)
    places, seen = np.unique(np.asarray(positions), return_counts=True)
    chance = np.zeros_like(LOG_ODDS)
    for place, share in zip(places, seen / seen.sum(), strict=True):
        at = LOG_ODDS[:, None] + model.viewer_sd * nodes + model.position_slope * place
        chance += share * (scipy.special.expit(at) @ (weights / weights.sum()))
    return chance
