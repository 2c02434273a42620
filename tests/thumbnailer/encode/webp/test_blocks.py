"""Losses and activity of blocks are those that plain numpy gives."""

import numpy as np
import pytest

from thumbnailer.encode.parts.colour import to_ycbcr
from thumbnailer.encode.webp.blocks import BLOCK_PX, CHROMA, block_activity, block_losses

SIZES = pytest.mark.parametrize(("height", "width"), [(1, 1), (8, 16), (13, 21), (24, 7)])


def by_block(pixels: np.ndarray) -> np.ndarray:
    """Mean of each block, slowly."""
    rows, columns = range(0, pixels.shape[0], BLOCK_PX), range(0, pixels.shape[1], BLOCK_PX)
    blocks = [[pixels[y : y + BLOCK_PX, x : x + BLOCK_PX].mean() for x in columns] for y in rows]
    return np.array(blocks)


@SIZES
def test_losses(height: int, width: int) -> None:
    rng = np.random.default_rng(0)
    wanted = rng.normal(0, 60, (height, width, 3)).astype(np.float32)
    weights = rng.random((height, width), dtype=np.float32)
    shown = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)

    losses = block_losses(wanted, weights, shown)

    errors = wanted - to_ycbcr(shown.reshape(-1, 3)).reshape(shown.shape)
    even = np.pad(errors[..., 1:], ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    colours = even.reshape(len(even) // 2, 2, -1, 2, 2).mean(axis=(1, 3))
    colours = colours.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
    expected = weights * (errors[..., 0] ** 2 + CHROMA * (colours**2).sum(axis=-1))
    np.testing.assert_allclose(losses, by_block(expected), rtol=1e-4)


@SIZES
def test_activity(height: int, width: int) -> None:
    y = np.random.default_rng(0).normal(0, 60, (height, width)).astype(np.float32)

    down = np.abs(np.diff(y, axis=0, prepend=y[:1]))
    right = np.abs(np.diff(y, axis=1, prepend=y[:, :1]))

    np.testing.assert_allclose(block_activity(y), by_block(down + right), rtol=1e-4)


def test_what_is_shown_exactly_costs_next_to_nothing() -> None:
    shown = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    wanted = to_ycbcr(shown.reshape(-1, 3)).reshape(shown.shape)

    assert block_losses(wanted, np.ones((16, 16), np.float32), shown).max() < 1e-6


def test_a_flat_plane_is_quiet() -> None:
    assert not block_activity(np.full((9, 9), 77, np.float32)).any()
