"""Holding still: what hardly changes becomes constant, what changes stays."""

import numpy as np
import pytest

from thumbnailer.encode.gif.temporal_denoise import hold_still

FLAT = np.float32(1)


def pixel(levels: list[float]) -> np.ndarray:
    """One grey pixel over time, (N, 1, 1, 3)."""
    frames = np.zeros((len(levels), 1, 1, 3), np.float32)
    frames[:, 0, 0, 0] = levels
    return frames


def held(levels: list[float], tolerance: float) -> list[float]:
    frames = pixel(levels)
    hold_still(frames, np.full(frames.shape[:3], FLAT), np.float32(tolerance))
    return [float(y) for y in frames[:, 0, 0, 0]]


def test_noise_becomes_its_mean() -> None:
    assert held([10, 12, 11, 11], 1) == [11] * 4


def test_a_jump_ends_the_run() -> None:
    assert held([10, 12, 100, 102], 1) == [11, 11, 101, 101]


def test_a_slow_drift_is_followed() -> None:
    drift = [float(level) for level in range(20)]

    assert max(abs(a - b) for a, b in zip(held(drift, 1), drift, strict=True)) <= 1


def test_without_tolerance_nothing_changes() -> None:
    assert held([10, 10, 12, 13], 0) == [10, 10, 12, 13]


def test_a_weight_of_nothing_holds_everything() -> None:
    frames = pixel([0, 100, 200])

    hold_still(frames, np.zeros((3, 1, 1), np.float32), FLAT)

    assert frames[:, 0, 0, 0] == pytest.approx([100] * 3)


def test_each_pixel_is_held_by_itself() -> None:
    generator = np.random.default_rng(3)
    frames = generator.normal(0, 2, (9, 4, 5, 3)).astype(np.float32)
    weights = generator.uniform(0.2, 1, (9, 4, 5)).astype(np.float32)
    alone = frames.copy()
    for row, column in np.ndindex(4, 5):
        place = np.s_[:, row : row + 1, column : column + 1]
        one = np.ascontiguousarray(alone[place])
        hold_still(one, np.ascontiguousarray(weights[place]), np.float32(4))
        alone[place] = one

    hold_still(frames, weights, np.float32(4))

    np.testing.assert_array_equal(frames, alone)
    assert 0 < np.mean(frames[1:] == frames[:-1]) < 1
