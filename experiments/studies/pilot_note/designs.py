"""The standard error of a difference of mCTR under the click model, for each assignment unit.

A click's log-odds are a_k + b_v + e_vk + t_u (experiments.studies.simulation.click_model). With

    c_vk = E_t[p], a video's rate,  g_k(t) = E_(b, e)[p], a viewer's,

V videos with n views in each arm, and U viewers in all, K arms, the difference of two arms' means
over videos, videos being a sample, has the variance

    (viewer, video):  ( Var(c_vk - c_v0) + Σ E[c (1 - c)] / n ) / V  +  Var(g_k - g_0) / U
    viewer:           ( Var(c_vk - c_v0) + Σ E[c (1 - c)] / n ) / V  +  Σ Var(g) / (U / K)
    video:            Σ ( Var(c) + E[c (1 - c)] / (K n) ) / (V / K)  +  Var(g_k - g_0) / U

the sums being over the two arms: a viewer who keeps an arm carries a tendency of their own into
that arm alone, and a video that has one arm carries its base rate there.
"""

from dataclasses import dataclass, replace

import numpy as np
import scipy

from experiments.analysis.stats.records import CONTROL, LEVEL, FloatArray
from experiments.studies.simulation.click_model import ClickModel
from experiments.unit import Unit

UNITS = (Unit.VIEWER_VIDEO, Unit.VIEWER, Unit.VIDEO)
NODES = 24


@dataclass(frozen=True, slots=True)
class Size:
    """How large a study is: `views` are of a video in one arm, `viewers` of all arms together."""

    videos: int
    views: float
    viewers: int


@dataclass(frozen=True, slots=True)
class Significance:
    """What a study of a size would make of a difference, under one design.

    Attributes:
        effect_sd: spread over videos of the arm's effect, in log-odds.
        difference: of the two rates, true and estimated alike.
        standard_error: of it.
        z, p_value: two-sided, unadjusted.
        low, high: 95 % interval of the difference.
    """

    unit: Unit
    effect_sd: float
    viewers: int
    difference: float
    standard_error: float
    z: float
    p_value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Moments:
    """Variances of an arm (1) and the control (0) over videos and viewers; see the module.

    Attributes:
        of_difference: Var(c_v1 - c_v0).
        between: Var(c), of each.
        noise: E[c (1 - c)], of each.
        of_viewers: Var(g), of each.
        of_viewer_difference: Var(g_1 - g_0).
    """

    of_difference: float
    between: tuple[float, float]
    noise: tuple[float, float]
    of_viewers: tuple[float, float]
    of_viewer_difference: float


def significance(model: ClickModel, arm: int, size: Size, unit: Unit) -> Significance:
    """Return how sure a study would be of an arm's mean difference from the control."""
    error = standard_error(model, arm, size, unit)
    difference = model.rates[arm] - model.rates[CONTROL]
    half = float(scipy.stats.norm.isf((1 - LEVEL) / 2)) * error
    z = difference / error
    return Significance(
        unit=unit,
        effect_sd=model.effect_sd,
        viewers=size.viewers,
        difference=difference,
        standard_error=error,
        z=z,
        p_value=float(2 * scipy.stats.norm.sf(abs(z))),
        low=difference - half,
        high=difference + half,
    )


def with_effect_sd(model: ClickModel, effect_sd: float) -> ClickModel:
    """Return the model with effects spread otherwise, at the same mean rates."""
    return replace(model, effect_sd=effect_sd)


def standard_error(model: ClickModel, arm: int, size: Size, unit: Unit) -> float:
    """Return the standard error of the difference of mCTR; the formulas are the module's."""
    m, arms = moments(model, arm), len(model.rates)
    if unit is Unit.VIDEO:
        own = sum(b + e / (arms * size.views) for b, e in zip(m.between, m.noise, strict=True))
        videos = own / (size.videos / arms)
    else:
        videos = (m.of_difference + sum(m.noise) / size.views) / size.videos
    if unit is Unit.VIEWER:
        viewers = sum(m.of_viewers) / (size.viewers / arms)
    else:
        viewers = m.of_viewer_difference / size.viewers
    return float(np.sqrt(videos + viewers))


def moments(model: ClickModel, arm: int) -> Moments:
    """Integrate the model by Gauss-Hermite quadrature; position is taken as the first."""
    a = intercepts(model)
    nodes, weights = _normal(NODES)
    base = model.video_sd * nodes[:, None, None]  # (b, e, t)
    effect = model.effect_sd * nodes[None, :, None]
    viewer = model.viewer_sd * nodes[None, None, :]
    click = scipy.special.expit(a[arm] + base + effect + viewer)
    click_0 = np.broadcast_to(scipy.special.expit(a[CONTROL] + base + viewer), click.shape)
    over_videos = np.outer(weights, weights)  # (b, e)
    rate, rate_0 = click @ weights, click_0 @ weights  # c, (b, e)
    of_viewer, of_viewer_0 = (np.einsum("be,bet->t", over_videos, p) for p in (click, click_0))
    return Moments(
        of_difference=_variance(rate - rate_0, over_videos),
        between=(_variance(rate, over_videos), _variance(rate_0, over_videos)),
        noise=(
            float(np.sum(over_videos * rate * (1 - rate))),
            float(np.sum(over_videos * rate_0 * (1 - rate_0))),
        ),
        of_viewers=(_variance(of_viewer, weights), _variance(of_viewer_0, weights)),
        of_viewer_difference=_variance(of_viewer - of_viewer_0, weights),
    )


def intercepts(model: ClickModel) -> FloatArray:
    """Return a_k, (K,), for which an arm's mean click probability over all videos is its rate."""
    nodes, weights = _normal(4 * NODES)
    shared = model.video_sd**2 + model.viewer_sd**2
    variances = [shared, *[shared + model.effect_sd**2] * (len(model.rates) - 1)]

    def solve(rate: float, variance: float) -> float:
        def excess(a: float) -> float:
            return float(weights @ scipy.special.expit(a + np.sqrt(variance) * nodes)) - rate

        return float(scipy.optimize.brentq(excess, -30.0, 30.0))

    return np.array([solve(r, v) for r, v in zip(model.rates, variances, strict=True)])


def _normal(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Return nodes and weights of the standard normal distribution (Gauss-Hermite)."""
    points, weights = np.polynomial.hermite_e.hermegauss(nodes)
    return points, weights / weights.sum()


def _variance(values: FloatArray, weights: FloatArray) -> float:
    mean = np.sum(weights * values)
    return float(np.sum(weights * (values - mean) ** 2))
