"""The canvas: pixels that a frame draws on it, and those that stay."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled
from thumbnailer.encode.gif.lzw import UNBEARABLE
from thumbnailer.encode.gif.palette import squared_distance


class Frame(NamedTuple):
    """What a frame is to show.

    Attributes:
        wanted: (H, W, 3) colours.
        weights: (H, W), how much a squared error costs.
        nearest: (H, W), which colour of the palette is nearest.
    """

    wanted: NDArray[np.float32]
    weights: NDArray[np.float32]
    nearest: NDArray[np.int32]


@compiled
def best_symbols(
    frame: Frame, palette: NDArray[np.float32], canvas: NDArray[np.int32], tolerance: np.float32
) -> tuple[NDArray[np.int32], NDArray[np.float32], NDArray[np.float32]]:
    """Return (H, W) symbols, their errors, and the errors of keeping what is on the canvas.

    Pixels are kept, by the symbol K, where that errs by hardly more than their nearest colour.

    Args:
        frame: what is to be shown.
        palette: (K, 3) colours.
        canvas: (H, W), which of them is shown; K where none is, which errs unbearably.
        tolerance: the weighted squared error that is worth keeping.
    """
    weights, nearest = frame.weights, frame.nearest
    symbols, errors = np.empty_like(nearest), np.empty_like(weights)
    kept_errors = np.full_like(weights, UNBEARABLE)
    for row in range(weights.shape[0]):
        line = frame.wanted[row]
        for column in range(weights.shape[1]):
            symbol, shown = nearest[row, column], canvas[row, column]
            error = weights[row, column] * squared_distance(line, column, palette, symbol)
            kept_error = UNBEARABLE
            if shown < len(palette):
                kept_error = weights[row, column] * squared_distance(line, column, palette, shown)
            keep = kept_error <= error + tolerance
            symbols[row, column] = len(palette) if keep else symbol
            errors[row, column] = kept_error if keep else error
            kept_errors[row, column] = kept_error
    return symbols, errors, kept_errors


@compiled
def lay_over(
    canvas: NDArray[np.int32], painted: NDArray[np.int32], at: tuple[int, int], transparent: int
) -> None:
    """Put those of (h, w) symbols that are not transparent onto the canvas, at a row and column."""
    for row in range(painted.shape[0]):
        for column in range(painted.shape[1]):
            if painted[row, column] != transparent:
                canvas[at[0] + row, at[1] + column] = painted[row, column]
