"""The code stream alone: lossless where told, bent by no more than is allowed elsewhere."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.thumbnailer.encode.gif.structure import decode_lzw
from thumbnailer.encode.gif.lzw import MOST_BEND, UNBEARABLE, Pixels, compress

GREY_STEP = 8  # between neighbouring palette colours


def pixels_of(symbols: NDArray[np.int32], colours: int, tolerance: float) -> Pixels:
    """Pixels that are exactly these colours of a grey ramp, on an empty canvas."""
    palette = np.zeros((colours, 3), np.float32)
    palette[:, 0] = GREY_STEP * np.arange(colours)
    return Pixels(
        wanted=palette[symbols],
        weights=np.ones(len(symbols), np.float32),
        palette=palette,
        transparent=colours,
        kept_errors=np.full(len(symbols), UNBEARABLE),
        symbols=symbols,
        errors=np.zeros(len(symbols), np.float32),
        tolerance=np.float32(tolerance),
    )


def symbols_from(seed: int, count: int, colours: int) -> NDArray[np.int32]:
    return np.random.default_rng(seed).integers(0, colours, count).astype(np.int32)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_lossless_streams_come_back(count: int, bits: int, seed: int) -> None:
    symbols = symbols_from(seed, count, (1 << bits) - 1)

    stream, shown = compress(pixels_of(symbols, (1 << bits) - 1, 0), bits)

    np.testing.assert_array_equal(shown, symbols)
    assert decode_lzw(stream, bits, count) == symbols.tolist()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.integers(2, 8), st.integers(0, 2**32 - 1), st.floats(0.1, 500))
def test_lossy_streams_decode_to_what_is_said_and_bend_within_the_limit(
    count: int, bits: int, seed: int, tolerance: float
) -> None:
    symbols = symbols_from(seed, count, (1 << bits) - 1)

    stream, shown = compress(pixels_of(symbols, (1 << bits) - 1, tolerance), bits)

    assert decode_lzw(stream, bits, count) == shown.tolist()
    errors = (GREY_STEP * (shown - symbols).astype(float)) ** 2
    assert errors.max() <= MOST_BEND * tolerance * 1.001


def test_bending_saves_bytes() -> None:
    symbols = symbols_from(1, 20_000, 127)

    exact, _ = compress(pixels_of(symbols, 127, 0), 7)
    bent, _ = compress(pixels_of(symbols, 127, 100), 7)

    assert len(bent) < 0.9 * len(exact)


def test_a_long_run_takes_codes_that_each_reach_one_further() -> None:
    stream, _ = compress(pixels_of(np.zeros(5050, np.int32), 3, 0), 2)

    # 1 + 2 + ... + 100 = 5050: the best that LZW can do; 3 to 7 bits each, and clear and end
    assert len(stream) <= (102 * 7) // 8
    assert decode_lzw(stream, 2, 5050) == [0] * 5050
