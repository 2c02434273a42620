"""Windows of pictures for the face detector, cut out at its size, and those that differ."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled

OVERLAP = 0.7  # of two boxes that show one face
MIDDLE, SPAN = 127.5, 128  # of levels, which the detector reads from -1 to 1

Boxes = NDArray[np.float64]  # (N, 5) left, top, right, bottom in pixels, and certainty
Pixels = NDArray[np.float32]  # (N, H, W, 3) RGB from -1 to 1


def scaled(pictures: NDArray[np.uint8], height: int, width: int) -> Pixels:
    """Return (B, height, width, 3) of whole (B, H, W, 3) pictures, each pixel a mean of theirs."""
    out = np.empty((len(pictures), height, width, 3), np.float32)
    whole = np.asarray([0, 0, pictures.shape[2], pictures.shape[1]])
    for picture, small in zip(pictures, out, strict=True):
        _fill(small, picture, whole)
    return out


def cut_out(picture: NDArray[np.uint8], boxes: Boxes, side: int) -> Pixels:
    """Return (N, side, side, 3) the parts of an (H, W, 3) picture in boxes, gray beyond it."""
    out = np.empty((len(boxes), side, side, 3), np.float32)
    for box, small in zip(boxes[:, :4].round().astype(np.int64), out, strict=True):
        _fill(small, picture, box)
    return out


@compiled
def _fill(out: Pixels, picture: NDArray[np.uint8], box: NDArray[np.int64]) -> None:
    """Fill (h, w, 3) with means over equal parts of a box, which share pixels at their edges.

    PyTorch's adaptive average pooling does the same in three times the time and more.
    """
    left, top, right, bottom = box
    height, width, _ = out.shape
    high, wide = max(bottom - top, 1), max(right - left, 1)
    for row in range(height):
        first_y, end_y = _part(row, height, high)
        for column in range(width):
            first_x, end_x = _part(column, width, wide)
            red, green, blue, count = 0, 0, 0, 0
            for y in range(max(top + first_y, 0), min(top + end_y, picture.shape[0])):
                for x in range(max(left + first_x, 0), min(left + end_x, picture.shape[1])):
                    red += picture[y, x, 0]
                    green += picture[y, x, 1]
                    blue += picture[y, x, 2]
                    count += 1
            size = np.float32(SPAN * (end_y - first_y) * (end_x - first_x))
            out[row, column, 0] = np.float32(red - MIDDLE * count) / size
            out[row, column, 1] = np.float32(green - MIDDLE * count) / size
            out[row, column, 2] = np.float32(blue - MIDDLE * count) / size


@compiled
def _part(number: int, count: int, length: int) -> tuple[int, int]:
    """Return where one of so many parts of a line begins and ends, both to whole pixels outward."""
    return number * length // count, -(-(number + 1) * length // count)


@compiled
def apart(boxes: Boxes) -> Boxes:
    """Return the most certain of boxes that show one face, the most certain first."""
    boxes = boxes[np.argsort(-boxes[:, 4], kind="mergesort")]
    count = 0
    for number in range(len(boxes)):
        if _is_new(boxes[number], boxes[:count]):
            boxes[count] = boxes[number]
            count += 1
    return boxes[:count]


@compiled
def _is_new(box: NDArray[np.float64], kept: Boxes) -> bool:
    for other in kept:
        high = min(box[3], other[3]) - max(box[1], other[1])
        wide = min(box[2], other[2]) - max(box[0], other[0])
        smaller = min(_area(box), _area(other))
        if max(wide, 0.0) * max(high, 0.0) > OVERLAP * smaller:
            return False
    return True


@compiled
def _area(box: NDArray[np.float64]) -> float:
    area: float = (box[2] - box[0]) * (box[3] - box[1])
    return area


def compile_windows() -> None:
    """Run all of it once, so that processes forked from this one compile nothing."""
    picture = np.zeros((12, 12, 3), np.uint8)
    scaled(picture[None], 6, 6)
    cut_out(picture, apart(np.asarray([[0.0, 0.0, 12.0, 12.0, 1.0]])), 6)
