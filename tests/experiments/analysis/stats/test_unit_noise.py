import numpy as np
import pytest

from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.records import ViewerVideoSums
from experiments.analysis.stats.unit_noise import UnitNoise

from .cast import draw_sums


def drawn(correlation: float, seed: int = 3) -> ViewerVideoSums:
    """Two arms, 20 videos, 400 viewers who see each video 1 to 5 times, with a rate of their own.

    The rates are beta, whose clicks go together within a viewer with the correlation.
    """
    rng = np.random.default_rng(seed)
    viewer, video = (each.ravel() for each in np.indices((400, 20)))
    views = rng.integers(1, 6, viewer.size)
    rates = np.full(viewer.size, 0.2)
    if correlation:
        sureness = 1 / correlation - 1
        rates = rng.beta(0.2 * sureness, 0.8 * sureness, viewer.size)
    return ViewerVideoSums(
        viewer_ids=viewer,
        video_ids=video,
        stratum=np.zeros_like(viewer),
        arm_index=(viewer + video) % 2,
        views=views,
        clicks=rng.binomial(views, rates),
        arms=("control", "second"),
        shares=np.ones((1, 2)),
    )


def noise(sums: ViewerVideoSums, pieces: int = 1) -> UnitNoise:
    found = UnitNoise.none(CodedSums.of(sums).counts())
    for piece in range(pieces):
        found = found.plus(CodedSums.of(sums.where(sums.viewer_ids % pieces == piece)))
    return found


def test_clicks_of_independent_views_vary_as_a_binomial() -> None:
    found = noise(drawn(0.0)).dispersion()
    assert found.low < 1 < found.high
    assert found.value == pytest.approx(1, abs=0.06)


def test_clicks_that_go_together_within_a_viewer_vary_more() -> None:
    found = noise(drawn(0.5)).dispersion()
    # 1 + ρ (E n² / E n - 1), with n even over 1 to 5.
    assert found.value == pytest.approx(1 + 0.5 * (11 / 3 - 1), rel=0.08)
    assert found.low < 1 + 0.5 * (11 / 3 - 1) < found.high


def test_parts_of_the_viewers_add_up() -> None:
    sums = drawn(0.3)
    whole, parts = noise(sums), noise(sums, pieces=3)
    assert parts.squares == pytest.approx(whole.squares)
    assert parts.units.tolist() == whole.units.tolist()


def test_a_units_rows_in_one_stratum_are_one_unit() -> None:
    """A viewer whose views are told in two rows, as two phases of equal shares do."""
    sums = drawn(0.5)
    half = np.minimum(sums.clicks, sums.views // 2)
    twice = ViewerVideoSums(
        viewer_ids=np.tile(sums.viewer_ids, 2),
        video_ids=np.tile(sums.video_ids, 2),
        stratum=np.tile(sums.stratum, 2),
        arm_index=np.tile(sums.arm_index, 2),
        views=np.concatenate([half, sums.views - half]),
        clicks=np.concatenate([half, sums.clicks - half]),
        arms=sums.arms,
        shares=sums.shares,
    )
    assert noise(twice).dispersion().value == pytest.approx(noise(sums).dispersion().value)


def test_too_few_clicks_say_nothing_and_why() -> None:
    found = noise(draw_sums(1, rows=20)).dispersion()
    assert np.isnan(found.value)
    assert "fewer than 2 videos and arms with 5 clicks" in found.reason


def test_no_rows_add_nothing() -> None:
    sums = drawn(0.0)
    nobody = CodedSums.of(sums.where(np.zeros(sums.viewer_ids.size, dtype=bool)))
    assert noise(sums).plus(nobody).units.tolist() == noise(sums).units.tolist()
