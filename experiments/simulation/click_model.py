"""Who clicks: a logistic model with the paper's mean rates, and spread around them.

    P(click | viewer u, video v, arm k, position i)
        = sigmoid(a_k + b_v + e_vk + t_u + d * i),
    b_v ~ N(0, video_sd),  e_v0 = 0,  e_vk ~ N(0, effect_sd),  t_u ~ N(0, viewer_sd)

The intercepts a_k are solved so that the mean of the probability over videos, viewers and
positions is arm k's rate: 5.30, 6.36 and 7.29 % in the paper's Table 3. The spreads are not in
the paper: they are assumptions, stated here, and a study can vary them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

# Table 3, mCTR, by the selector whose thumbnails an arm shows.
PAPER_RATES = {"raw": 0.0530, "re_seq2seq": 0.0636, "gevaden": 0.0729}
QUADRATURE_POINTS = 64


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

    def intercepts(self, positions: Sequence[int]) -> NDArray[np.float64]:
        """Return a_k, (K,), such that each arm has its rate where positions are as given."""
        shared = self.video_sd**2 + self.viewer_sd**2
        spreads = [shared] + [shared + self.effect_sd**2] * (len(self.rates) - 1)
        offsets = self.position_slope * np.asarray(positions, dtype=np.float64)
        return np.array(
            [
                _solve_intercept(rate, float(np.sqrt(variance)), offsets)
                for rate, variance in zip(self.rates, spreads, strict=True)
            ]
        )


def _solve_intercept(rate: float, sd: float, offsets: NDArray[np.float64]) -> float:
    """Return a with E[sigmoid(a + sd Z + offset)] = rate, by Gauss-Hermite quadrature."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(QUADRATURE_POINTS)
    grid = sd * nodes[:, None] + offsets[None, :]  # (64, positions)
    weights = weights / weights.sum()

    def excess(intercept: float) -> float:
        return float(weights @ expit(intercept + grid).mean(axis=1)) - rate

    return float(brentq(excess, -30.0, 30.0))


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
        video: NDArray[np.int64],
        arm: NDArray[np.int64],
        viewer: NDArray[np.int64],
        position: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """Return the click probability of n impressions, (n,), from their numbers, each (n,)."""
        log_odds = self.video_arm[video, arm] + self.viewer[viewer]
        probability: NDArray[np.float64] = expit(log_odds + self.position_slope * position)
        return probability


def draw_population(
    model: ClickModel, videos: int, viewers: int, positions: Sequence[int], seed: int
) -> Population:
    """Draw the effects of videos and viewers; the same seed draws the same."""
    rng = np.random.default_rng([seed, 1])
    arms = len(model.rates)
    base = model.video_sd * rng.standard_normal((videos, 1))
    effects = model.effect_sd * rng.standard_normal((videos, arms))
    effects[:, 0] = 0.0
    tendency = model.viewer_sd * rng.standard_normal(viewers)
    return Population(model.intercepts(positions) + base + effects, tendency, model.position_slope)
