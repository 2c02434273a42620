"""What share of videos an arm helps."""

import numpy as np
import pytest
from scipy.special import expit

from experiments.analysis.stats.records import VideoCounts
from experiments.studies.pilot_note.designs import intercepts
from experiments.studies.pilot_note.share_helped import helped, true_share
from experiments.studies.simulation.click_model import ClickModel
from experiments.unit import Unit

MODEL = ClickModel(position_slope=0.0, viewer_sd=0.0, effect_sd=0.5)


def test_the_share_is_near_that_of_the_click_model_where_observed_ctrs_are_not() -> None:
    rng = np.random.default_rng(4)
    a = intercepts(MODEL)
    base, effect = 0.7 * rng.standard_normal(1500), 0.5 * rng.standard_normal(1500)
    rates = expit(np.stack([a[0] + base, a[2] + base + effect], axis=1))
    views = rng.poisson(300, rates.shape)
    counts = VideoCounts(np.arange(1500), ("raw", "gevaden"), views, rng.binomial(views, rates))
    found = helped(counts, Unit.VIEWER_VIDEO, 1)
    truth = true_share(MODEL, 2)
    assert truth == pytest.approx(np.mean(a[2] + effect > a[0]), abs=0.03)
    assert abs(found.share.value - truth) < abs(found.raw_share - truth)
    assert found.share.low < truth < found.share.high
    declared = found.lifts.declared()
    assert (found.better, found.worse) == ((declared > 0).sum(), (declared < 0).sum())
    wrong = np.sign(declared) * (a[2] - a[0] + effect) < 0
    assert wrong.sum() / (declared != 0).sum() < 0.09


def test_without_clicks_the_share_has_no_interval() -> None:
    counts = VideoCounts(
        np.arange(3), ("raw", "gevaden"), np.full((3, 2), 50), np.zeros((3, 2), np.int64)
    )
    found = helped(counts, Unit.VIEWER_VIDEO, 1)
    assert np.isnan(found.share.low)
    assert found.share.reason
    assert np.isnan(found.raw).all()
