"""The click model has the paper's mean rates, whatever its spreads."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from experiments.studies.simulation.click_model import PAPER_RATES, ClickModel, draw_population

spreads = st.floats(0.0, 2.0)


def test_the_papers_rates() -> None:
    assert ClickModel().rates == (0.0530, 0.0636, 0.0729)
    assert list(PAPER_RATES) == ["raw", "re_seq2seq", "gevaden"]


@settings(max_examples=20, deadline=None)
@given(spreads, spreads, st.floats(-0.1, 0.0), st.integers(1, 40))
def test_each_arm_has_its_rate(
    video_sd: float, viewer_sd: float, slope: float, places: int
) -> None:
    """By plain simulation, which shares nothing with the quadrature that solved the intercepts."""
    model = ClickModel(video_sd=video_sd, viewer_sd=viewer_sd, position_slope=slope)
    video_arm = draw_population(model, 40, 1, range(places), 1).video_arm
    rng = np.random.default_rng(1)
    viewer = viewer_sd * rng.standard_normal((20_000, 1))
    offset = slope * rng.integers(0, places, (20_000, 1))
    for index, rate in enumerate(model.rates):
        chance = expit(video_arm[:, index] + viewer + offset).mean(axis=1)
        error = chance.std() / np.sqrt(len(chance))
        assert chance.mean() == pytest.approx(rate, abs=5 * error + 1e-5)


def test_a_population_is_drawn_by_its_seed() -> None:
    model = ClickModel()
    first, again, other = (draw_population(model, 50, 70, range(9), seed) for seed in (1, 1, 2))
    assert np.array_equal(first.video_arm, again.video_arm)
    assert np.array_equal(first.viewer, again.viewer)
    assert not np.array_equal(first.viewer, other.viewer)


def test_spreads_are_those_asked_for() -> None:
    model = ClickModel(video_sd=0.7, effect_sd=0.25, viewer_sd=0.8)
    population = draw_population(model, 20_000, 20_000, range(9), 3)
    base = population.video_arm[:, 0]
    effect = population.video_arm[:, 2] - base
    assert base.std() == pytest.approx(0.7, rel=0.03)
    assert effect.std() == pytest.approx(0.25, rel=0.03)
    assert population.viewer.std() == pytest.approx(0.8, rel=0.03)
    assert abs(np.corrcoef(base, effect)[0, 1]) < 0.03


def test_probability_follows_the_formula() -> None:
    population = draw_population(ClickModel(), 3, 4, range(5), 1)
    one = population.probability(*(np.array([index]) for index in (2, 1, 3, 4)))
    assert one[0] == pytest.approx(
        expit(population.video_arm[2, 1] + population.viewer[3] - 0.02 * 4)
    )


@pytest.mark.parametrize("wrong", [{"rates": (0.05, 1.0)}, {"rates": (0.0,)}, {"video_sd": -0.1}])
def test_impossible_parameters_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="must"):
        ClickModel(**wrong)  # type: ignore[arg-type]
