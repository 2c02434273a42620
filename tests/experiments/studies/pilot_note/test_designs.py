"""Standard errors by design, against experiments drawn from the click model."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit

from experiments.analysis.stats.records import FloatArray, IntArray
from experiments.studies.pilot_note.designs import (
    Size,
    intercepts,
    moments,
    significance,
    standard_error,
)
from experiments.studies.simulation.click_model import ClickModel
from experiments.unit import Unit

MODEL = ClickModel(position_slope=0.0, effect_sd=0.5)
SIZE = Size(videos=90, views=25.0, viewers=60)


def draw_differences(model: ClickModel, unit: Unit, draws: int) -> FloatArray:
    """Draw experiments impression by impression; return each one's difference of arms 2 and 0."""
    out, a = [], intercepts(model)
    for seed in range(draws):
        rng = np.random.default_rng([7, seed])
        base = model.video_sd * rng.standard_normal((SIZE.videos, 1))
        effect = model.effect_sd * rng.standard_normal((SIZE.videos, 3)) * [0, 1, 1]
        tendency = model.viewer_sd * rng.standard_normal(SIZE.viewers)
        total = int(3 * SIZE.views)
        video = np.repeat(np.arange(SIZE.videos), total)
        viewer = rng.integers(0, SIZE.viewers, video.size)
        arm = _assigned(unit, rng, viewer, video)
        chance = expit((a + base + effect)[video, arm] + tendency[viewer])
        clicked = rng.random(video.size) < chance
        cell = video * 3 + arm
        views = np.bincount(cell, minlength=SIZE.videos * 3).reshape(-1, 3)
        clicks = np.bincount(cell, weights=clicked, minlength=SIZE.videos * 3).reshape(-1, 3)
        ctr = np.divide(clicks, views, out=np.full(views.shape, np.nan), where=views > 0)
        out.append(np.nanmean(ctr[:, 2]) - np.nanmean(ctr[:, 0]))
    return np.array(out)


def _assigned(unit: Unit, rng: np.random.Generator, viewer: IntArray, video: IntArray) -> IntArray:
    if unit is Unit.VIEWER:
        return rng.permutation(np.arange(SIZE.viewers) % 3)[viewer]
    if unit is Unit.VIDEO:
        return rng.permutation(np.arange(SIZE.videos) % 3)[video]
    return rng.integers(0, 3, (SIZE.viewers, SIZE.videos))[viewer, video]


@pytest.mark.parametrize("unit", [Unit.VIEWER_VIDEO, Unit.VIEWER, Unit.VIDEO])
def test_the_error_is_that_of_drawn_experiments(unit: Unit) -> None:
    draws = 250
    drawn = draw_differences(MODEL, unit, draws)
    # The s.d. of 250 draws has a standard error of 4.5 %.
    assert standard_error(MODEL, 2, SIZE, unit) == pytest.approx(drawn.std(ddof=1), rel=0.14)
    truth = MODEL.rates[2] - MODEL.rates[0]
    assert drawn.mean() == pytest.approx(truth, abs=4 * drawn.std() / np.sqrt(draws))


def test_the_intercepts_give_each_arm_its_rate() -> None:
    rng = np.random.default_rng(5)
    shared = rng.normal(0, np.hypot(MODEL.video_sd, MODEL.viewer_sd), 400_000)
    effect = rng.normal(0, MODEL.effect_sd, (400_000, 1)) * [0, 1, 1]
    rates = expit(intercepts(MODEL) + shared[:, None] + effect).mean(axis=0)
    assert rates == pytest.approx(MODEL.rates, rel=0.01)


def test_moments_are_those_of_drawn_videos() -> None:
    rng = np.random.default_rng(3)
    a = intercepts(MODEL)
    base, effect = 0.7 * rng.standard_normal(10_000), 0.5 * rng.standard_normal(10_000)
    viewers = 0.8 * stats.norm.ppf((np.arange(200) + 0.5) / 200)[None, :]
    rate = expit(a[2] + (base + effect)[:, None] + viewers).mean(axis=1)
    rate_0 = expit(a[0] + base[:, None] + viewers).mean(axis=1)
    found = moments(MODEL, 2)
    assert found.of_difference == pytest.approx(np.var(rate - rate_0), rel=0.1)
    assert found.between == pytest.approx((np.var(rate), np.var(rate_0)), rel=0.1)
    assert found.noise[0] == pytest.approx(np.mean(rate * (1 - rate)), rel=0.03)


def test_p_value_and_interval_are_of_the_same_test() -> None:
    small = Size(videos=6, views=30.0, viewers=100)
    found = significance(replace(MODEL, effect_sd=2.0), 1, small, Unit.VIDEO)
    assert (found.p_value < 0.05) == (found.low > 0)
    assert found.z == pytest.approx(found.difference / found.standard_error)
    assert (found.low + found.high) / 2 == pytest.approx(found.difference)
