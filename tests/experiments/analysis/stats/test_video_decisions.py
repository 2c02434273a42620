import numpy as np
import pytest

from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.per_video import video_lifts
from experiments.analysis.stats.records import StratifiedCounts
from experiments.analysis.stats.video_decisions import decide_by_video
from experiments.unit import Unit

from .cast import draw_counts, in_strata

FAIR = [[1, 1, 1]]


def test_of_one_stratum_they_are_the_lifts_of_plain_counts() -> None:
    counts = draw_counts(1)
    found = decide_by_video(StratifiedCounts.constant(counts), Unit.VIEWER_VIDEO, dispersion=1.3)
    assert list(found.lifts) == ["seq2seq", "gevaden"]
    for arm, lifts in enumerate(found.lifts.values(), start=1):
        plain = video_lifts(counts, Unit.VIEWER_VIDEO, arm, dispersion=1.3)
        assert lifts.lift == pytest.approx(plain.lift)
        assert lifts.better == pytest.approx(plain.better)
        assert found.raw[:, arm] == pytest.approx(counts.ctr[:, arm] / counts.ctr[:, 0] - 1)
    assert np.isnan(found.raw[:, 0]).all()
    assert found.counts.views.tolist() == counts.views.tolist()


def test_noise_draws_lifts_to_their_mean() -> None:
    counts = StratifiedCounts.constant(draw_counts(2))
    still, noisy = (
        decide_by_video(counts, Unit.VIEWER_VIDEO, dispersion=noise).lifts["gevaden"].lift
        for noise in (1.0, 3.0)
    )
    assert noisy.std() < still.std()


def test_a_change_of_shares_in_a_rising_tide_lifts_no_video() -> None:
    """Both arms click alike, twice as often in the second phase, where one is shown more."""
    views = np.array([[[900, 100]], [[100, 900]]]) * np.ones((1, 40, 1), int)
    clicks = views * np.array([5, 10])[:, None, None] // 100
    counts = StratifiedCounts(
        np.arange(40), ("control", "second"), np.array([[9, 1], [1, 9]]), views, clicks
    )
    found = decide_by_video(counts, Unit.VIEWER_VIDEO)
    plain = counts.total().ctr
    assert np.all(plain[:, 1] / plain[:, 0] > 1.7)
    assert found.raw[:, 1] == pytest.approx(0)
    assert np.abs(found.lifts["second"].lift).max() < 0.02
    assert not found.lifts["second"].declared(0.05).any()


def test_an_arm_that_never_met_the_control_has_no_lift_and_is_not_shipped() -> None:
    counts = in_strata(draw_counts(3), [[1, 1, 0], [0, 0, 1]])
    found = decide_by_video(counts, Unit.VIEWER_VIDEO)
    assert list(found.lifts) == ["seq2seq"]
    assert found.shipped.arms == ("raw", "seq2seq")
    assert np.isnan(found.raw[:, 2]).all()


def test_what_has_no_lifts_is_refused_with_the_reason() -> None:
    counts = in_strata(draw_counts(4), [[1, 0, 0], [0, 1, 1]])
    with pytest.raises(DesignError, match="both had a share"):
        decide_by_video(counts, Unit.VIEWER_VIDEO)
    with pytest.raises(DesignError, match="each video was shown in one arm only"):
        decide_by_video(counts, Unit.VIDEO)
