import numpy as np
import pytest
from scipy import integrate, stats

from experiments.analysis.stats import effect_prior
from experiments.analysis.stats.click_pairs import ClickPairs
from experiments.analysis.stats.effect_prior import SHAPES, EffectPrior, chances, learn_priors
from experiments.analysis.stats.records import FloatArray


def draw(
    seed: int, videos: int, theta: FloatArray, *, views: int = 3000, slope: float = 0.0
) -> ClickPairs:
    rng = np.random.default_rng(seed)
    base = 0.05 * np.exp(rng.normal(0, 0.6, videos))
    theta = theta + slope * np.log(base / 0.05)
    seen = rng.poisson(views, (videos, 2))
    clicks = rng.binomial(seen, np.minimum(np.column_stack([base, base * np.exp(theta)]), 1))
    return ClickPairs.of(seen, clicks)


def mean_of(prior: EffectPrior, values: FloatArray) -> float:
    return float(prior.mean_and_spread_weights @ values)


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_has_mean_0_and_spread_1(name: str) -> None:
    normals = SHAPES[name][1]
    shares, middles, widths = np.array(normals).T
    assert shares.sum() == pytest.approx(1)
    assert shares @ middles == pytest.approx(0)
    assert shares @ (middles**2 + widths**2) == pytest.approx(1)


def test_the_chances_of_shapes_sum_to_1() -> None:
    assert sum(chance for chance, _ in SHAPES.values()) == pytest.approx(1)


def test_spread_and_slope_are_those_of_a_regression_on_the_log_rate() -> None:
    """Over videos ln base is N(·, 0.6²) and θ is N(0.1, 0.2²) less a quarter of it."""
    theta = np.random.default_rng(10).normal(0.1, 0.2, 3000)
    pairs = draw(1, 3000, theta, slope=-0.25)
    prior, _ = learn_priors(pairs)
    # The log rate of both arms is ln base + θ / 2.
    covariance, variance = -0.25 * 0.875 * 0.36 + 0.5 * 0.04, 0.875**2 * 0.36 + 0.25 * 0.04
    slope = covariance / variance
    assert prior.slope == pytest.approx(slope, abs=0.03)
    left = np.sqrt(0.04 + 0.25**2 * 0.36 - slope**2 * variance)
    assert mean_of(prior, prior.spread) == pytest.approx(left, abs=0.01)
    mean = mean_of(prior, prior.mean) + prior.slope * pairs.log_rate.mean()
    assert mean == pytest.approx(0.1, abs=0.02)
    assert len(prior.slopes) == 1
    assert prior.shapes == ("normal",)


def test_the_chance_of_nothing_is_found() -> None:
    rng = np.random.default_rng(20)
    theta = np.where(rng.random(2500) < 0.9, 0, rng.normal(0.05, 0.3, 2500))
    never_zero, zero_inflated = learn_priors(draw(2, 2500, theta))
    found = zero_inflated.weights.sum(axis=(0, 1)) @ zero_inflated.zero
    assert found == pytest.approx(0.9, abs=0.03)
    assert mean_of(zero_inflated, zero_inflated.spread) == pytest.approx(0.3, abs=0.04)
    assert chances([never_zero, zero_inflated])[1] > 0.5
    assert never_zero.zero.tolist() == [0]


@pytest.mark.parametrize(
    ("shape", "theta"),
    [
        ("skewed up", lambda rng: rng.exponential(0.2, 1500) - 0.1),
        ("skewed down", lambda rng: 0.1 - rng.exponential(0.2, 1500)),
        ("mostly next to nothing", lambda rng: rng.normal(0, 0.3, 1500) * (rng.random(1500) < 0.1)),
    ],
)
def test_shapes_other_than_the_normal_are_found(shape: str, theta: object) -> None:
    prior, _ = learn_priors(draw(3, 1500, theta(np.random.default_rng(30))))  # type: ignore[operator]
    weights = dict(zip(prior.shapes, prior.shape_weights, strict=True))
    assert weights[shape] > 0.9


def test_the_evidence_is_the_integral_over_the_parameters() -> None:
    """One video, one shape, no slope: by scipy's quadrature over θ, μ, ln τ and logit π."""
    pairs = ClickPairs.of(np.array([[2000, 2000]]), np.array([[100, 160]]))
    theta = np.linspace(-3, 3, 1201)
    likelihood = np.exp(pairs.log_likelihood(theta) - pairs.highest_log_likelihood)[0]
    at_zero = float(np.exp(pairs.log_likelihood(np.zeros(1)) - pairs.highest_log_likelihood)[0, 0])

    def of_spread(log_spread: float) -> float:
        spread = np.exp(log_spread)
        width = np.hypot(0.5, spread)  # μ integrated out
        slab = likelihood @ stats.norm.pdf(theta, 0, width) * (theta[1] - theta[0])
        return float(slab * spread * np.exp(-(spread**2) / 2))

    of_slab = integrate.quad(of_spread, -9, 3, limit=200)[0]
    prior_of_spread = np.sqrt(np.pi / 2)  # of τ, half-normal
    # π ~ Beta(0.5, 1) has mean a third.
    expected = (of_slab * 2 / 3 + at_zero * prior_of_spread / 3) / of_slab
    never_zero, zero_inflated = learn_priors(pairs)
    found = np.exp(zero_inflated.log_evidence - never_zero.log_evidence)
    assert found == pytest.approx(expected, rel=0.2)


def test_the_lattice_lies_around_the_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(40)
    pairs = draw(4, 400, rng.normal(0.1, 0.25, 400))
    found = [learn_priors(pairs)[0]]
    monkeypatch.setattr(effect_prior, "STEPS", np.linspace(-4, 4, 17))
    found += [learn_priors(pairs)[0]]
    few, many = ([mean_of(p, p.mean), mean_of(p, np.log(p.spread))] for p in found)
    assert few == pytest.approx(many, abs=2e-3)
    errors = [np.sqrt(mean_of(p, p.mean**2) - mean_of(p, p.mean) ** 2) for p in found]
    assert errors[0] == pytest.approx(errors[1], rel=0.05)


def test_no_more_videos_are_learnt_from_than_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = draw(5, 300, np.zeros(300))
    monkeypatch.setattr(effect_prior, "MOST", 100)
    alone = learn_priors(pairs.where(np.random.default_rng(0).permutation(300)[:100]))[0]
    assert mean_of(learn_priors(pairs)[0], alone.mean) == pytest.approx(0, abs=0.1)


def test_a_lattice_that_does_not_settle_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(effect_prior, "ROUNDS", 1)
    prior, _ = learn_priors(draw(6, 50, np.zeros(50)))
    assert prior.weights.sum() == pytest.approx(1)
