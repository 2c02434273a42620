"""SSIM against its definition in closed form, and the weights against SSIM itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thumbnailer.encode.likeness import C1, C2, ssim
from tests.thumbnailer.encode.moving import moving_scene
from thumbnailer.encode.parts.colour import luma
from thumbnailer.encode.parts.error_weights import error_weights


def grey(level: int) -> np.ndarray:
    return np.full((1, 20, 30, 3), level, np.uint8)


def test_a_picture_is_like_itself() -> None:
    assert ssim(moving_scene(), moving_scene()) == pytest.approx(1)


@given(st.integers(0, 255), st.integers(0, 255))
@settings(max_examples=20, deadline=None)
def test_flat_pictures_differ_by_eq_6_alone(x: int, y: int) -> None:
    expected = (2 * x * y + C1) / (x**2 + y**2 + C1)

    assert ssim(grey(x), grey(y)) == pytest.approx(expected, abs=2e-3)


def test_order_does_not_matter() -> None:
    a, b = moving_scene(seed=1), moving_scene(seed=2)

    assert ssim(a, b) == pytest.approx(ssim(b, a))


def test_the_negative_of_texture_has_the_structure_term_of_eq_13() -> None:
    """Covariance is -σ², so the term is (C2 - 2 σ²) / (C2 + 2 σ²)."""
    noise = np.random.default_rng(0).normal(0, 30, (2, 80, 90, 1)).round()
    positive, negative = ((128 + sign * noise).repeat(3, axis=3) for sign in (1, -1))

    likeness = ssim(positive.astype(np.uint8), negative.astype(np.uint8))

    assert likeness == pytest.approx((C2 - 2 * 900) / (C2 + 2 * 900), abs=0.02)


def test_weights_are_one_on_flat_ground_and_less_in_texture() -> None:
    rng = np.random.default_rng(0)
    y = np.full((1, 40, 80), 100, np.float32)
    y[:, :, 40:] += rng.normal(0, 30, (40, 40)).astype(np.float32)

    weights = error_weights(y)

    assert weights[0, 20, 10] == pytest.approx(1, abs=1e-3)
    assert weights[0, 20, 70] < 0.3


def test_the_same_error_costs_ssim_where_the_weights_say() -> None:
    rng = np.random.default_rng(0)
    frame = np.full((1, 64, 128, 3), 120, np.int64)
    frame[:, :, 64:] += rng.normal(0, 7, (1, 64, 64, 1)).astype(int)
    noise = rng.choice([-4, 4], (1, 64, 64, 1))
    on_flat, on_texture = frame.copy(), frame.copy()
    on_flat[:, :, :64] += noise
    on_texture[:, :, 64:] += noise
    weights = error_weights(luma(frame.astype(np.uint8).reshape(-1, 3)).reshape(1, 64, 128))

    cost_flat = 1 - ssim(frame.astype(np.uint8), on_flat.astype(np.uint8))
    cost_texture = 1 - ssim(frame.astype(np.uint8), on_texture.astype(np.uint8))

    expected = weights[0, :, :64].mean() / weights[0, :, 64:].mean()
    assert cost_flat / cost_texture == pytest.approx(expected, rel=0.35)
