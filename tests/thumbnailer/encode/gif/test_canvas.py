"""The canvas: pixels are kept where that errs little, and drawn elsewhere."""

import numpy as np

from thumbnailer.encode.gif.canvas import Frame, best_symbols, lay_over
from thumbnailer.encode.gif.lzw import UNBEARABLE

BLACK, GREY, WHITE, NONE = 0, 1, 2, 3
PALETTE = np.array([[0, 0, 0], [8, 0, 0], [16, 0, 0]], np.float32)


def one_row(levels: list[float], weight: float = 1) -> Frame:
    """A row of grey levels, each with its nearest colour."""
    wanted = np.zeros((1, len(levels), 3), np.float32)
    wanted[0, :, 0] = levels
    nearest = np.abs(wanted[..., :1] - PALETTE[:, 0]).argmin(axis=2).astype(np.int32)
    return Frame(wanted, np.full((1, len(levels)), weight, np.float32), nearest)


def test_an_empty_canvas_takes_the_nearest_colours() -> None:
    canvas = np.full((1, 3), NONE, np.int32)

    symbols, errors, kept = best_symbols(one_row([1, 8, 14], 0.5), PALETTE, canvas, np.float32(9))

    assert symbols.tolist() == [[BLACK, GREY, WHITE]]
    assert errors.tolist() == [[0.5, 0, 2]]
    assert (kept == UNBEARABLE).all()


def test_what_errs_hardly_more_is_kept() -> None:
    frame, canvas = one_row([3, 3, 5]), np.array([[BLACK, GREY, GREY]], np.int32)

    symbols, errors, kept = best_symbols(frame, PALETTE, canvas, np.float32(15.9))
    assert symbols.tolist() == [[NONE, BLACK, NONE]]
    assert errors.tolist() == [[9, 9, 9]]
    assert kept.tolist() == [[9, 25, 9]]

    symbols, errors, _ = best_symbols(frame, PALETTE, canvas, np.float32(16))
    assert symbols.tolist() == [[NONE, NONE, NONE]]
    assert errors.tolist() == [[9, 25, 9]]


def test_only_what_is_drawn_covers_the_canvas() -> None:
    canvas = np.zeros((3, 4), np.int32)

    lay_over(canvas, np.array([[WHITE, NONE], [NONE, GREY]], np.int32), (1, 2), NONE)

    assert canvas.tolist() == [[0, 0, 0, 0], [0, 0, WHITE, 0], [0, 0, 0, GREY]]
