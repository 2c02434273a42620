"""Windows hold the means that PyTorch's pooling tells; of boxes of one face one is left."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from thumbnailer.features.face_windows import OVERLAP, apart, cut_out, scaled

PICTURE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
LEVELS = torch.from_numpy((PICTURE.astype(np.float64) - 127.5) / 128).permute(2, 0, 1)


@pytest.mark.parametrize(("height", "width"), [(40, 60), (17, 23), (1, 1), (90, 61)])
def test_a_whole_picture_is_scaled_by_means(height: int, width: int) -> None:
    found = scaled(np.stack([PICTURE, PICTURE[::-1]]), height, width)
    for picture, levels in zip(found, (LEVELS, LEVELS.flip(1)), strict=True):
        wanted = functional.adaptive_avg_pool2d(levels, (height, width)).permute(1, 2, 0)
        np.testing.assert_allclose(picture, wanted, atol=1e-6)


@pytest.mark.parametrize(
    "box", [(5, 7, 30, 32), (5.4, 6.6, 30.4, 31.6), (-9, -4, 20, 25), (50, 30, 80, 60)]
)
def test_a_window_that_reaches_out_is_gray_there(box: tuple[float, ...]) -> None:
    around = functional.pad(LEVELS, (40, 40, 40, 40))
    left, top, right, bottom = (round(each) + 40 for each in box)
    part = around[:, top:bottom, left:right]
    [found] = cut_out(PICTURE, np.asarray([[*box, 0.9]]), 24)
    wanted = functional.adaptive_avg_pool2d(part, (24, 24)).permute(1, 2, 0)
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_windows_without_pixels_are_gray() -> None:
    boxes = np.asarray([[70.0, 50, 90, 70, 0.9], [-30, -30, -5, -5, 0.9], [10, 10, 10, 10, 0.9]])
    far, near, _ = cut_out(PICTURE, boxes, 24)
    assert not far.any()
    assert not near.any()
    assert cut_out(PICTURE, boxes[:0], 24).shape == (0, 24, 24, 3)


def test_the_most_certain_of_each_face_are_left() -> None:
    rng = np.random.default_rng(1)
    corners, sizes = rng.uniform(0, 60, (80, 2)), rng.uniform(8, 50, (80, 1))
    boxes = np.hstack([corners, corners + sizes, rng.random((80, 1))])
    kept: list[int] = []
    for number in np.argsort(-boxes[:, 4]):
        if all(_common(boxes[number], boxes[other]) <= OVERLAP for other in kept):
            kept.append(number)
    assert 10 < len(kept) < 70
    np.testing.assert_array_equal(apart(boxes.copy()), boxes[kept])
    assert apart(boxes[:0]).shape == (0, 5)


def _common(a: np.ndarray, b: np.ndarray) -> float:
    """Return the share of the smaller box that lies in the other."""
    sides = np.minimum(a[2:4], b[2:4]) - np.maximum(a[:2], b[:2])
    areas = [(each[2] - each[0]) * (each[3] - each[1]) for each in (a, b)]
    return float(np.clip(sides, 0, None).prod() / min(areas))
