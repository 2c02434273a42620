"""Lossy LZW: GIF's code stream, whose pixels may bend a little to reuse a longer known string.

LZW as in GIF89a, Appendix F: variable code widths from the minimum code size + 1 to 12 bits, least
significant bit first. The decoder's table is a trie of strings; at each position the encoder walks
it depth first, for the string that is worth most: its length in pixels less its extra error.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from thumbnailer.compiled import compiled

CODES = 4096
WIDEST_CODE = 12
NO_CODE = 0xFFFF
MOST_VISITS = 512  # of trie nodes at one position; more bring nothing
MOST_BEND = np.float32(3)  # tolerances of extra error at one pixel
UNBEARABLE = np.float32(1e18)
TINY = np.float32(1e-9)


class Pixels(NamedTuple):
    """A rectangle of P pixels, row by row, and what each would best become.

    Attributes:
        wanted: (P, 3) float32 colours.
        weights: (P,) float32, how much a squared error costs.
        palette: (K, 3) float32 colours.
        transparent: the symbol that keeps what is on the canvas; K.
        kept_errors: (P,) float32, the weighted error of keeping.
        symbols: (P,) int32, the best for each pixel on its own.
        errors: (P,) float32, its weighted error.
        tolerance: the extra weighted squared error that is worth one pixel of a longer string;
            no pixel bends by more than three times that; 0 is lossless.
    """

    wanted: NDArray[np.float32]
    weights: NDArray[np.float32]
    palette: NDArray[np.float32]
    transparent: int
    kept_errors: NDArray[np.float32]
    symbols: NDArray[np.int32]
    errors: NDArray[np.float32]
    tolerance: np.float32


class Trie(NamedTuple):
    """The strings that the decoder knows, by code: (4096,) each; NO_CODE where none.

    Of 16 bits each, all fit into a processor's nearest cache.
    """

    symbol: NDArray[np.uint16]  # the string's last
    parent: NDArray[np.uint16]
    first_child: NDArray[np.uint16]
    next_sibling: NDArray[np.uint16]


class Stack(NamedTuple):
    """Strings that are still to be looked at; a code lies on it at most once: (4096,) each."""

    code: NDArray[np.uint16]
    length: NDArray[np.uint16]
    extra_error: NDArray[np.float32]


class BitWriter(NamedTuple):
    """Codes on their way into bytes; state is the bits held back, their number, bytes written."""

    out: NDArray[np.uint8]
    state: NDArray[np.int64]


def compress(pixels: Pixels, min_code_size: int) -> tuple[bytes, NDArray[np.int32]]:
    """Return the code stream of at least one pixel and the (P,) symbols that it decodes to.

    ``min_code_size`` bits, 2 to 8, must hold every symbol.
    """
    # A code stands for one pixel or more and takes at most 12 bits; clear codes are seldom.
    out = np.empty(2 * len(pixels.wanted) + 64, np.uint8)
    shown = np.empty(len(pixels.wanted), np.int32)
    length = _compress(pixels, min_code_size, out, shown)
    return out[:length].tobytes(), shown


@compiled
def _compress(
    pixels: Pixels, min_code_size: int, out: NDArray[np.uint8], shown: NDArray[np.int32]
) -> int:
    clear, end = 1 << min_code_size, (1 << min_code_size) + 1
    trie, stack = _new_trie(), _new_stack()
    writer = BitWriter(out, np.zeros(3, np.int64))
    code, new_code, width = NO_CODE, end + 1, min_code_size + 1
    _write(writer, clear, width)
    start = 0
    while start < len(shown):
        previous = code
        if previous != NO_CODE:
            # The decoder adds the previous string + the first symbol of this one. If this one is
            # to be that very string, its first symbol is the previous one's first.
            _add(trie, new_code, previous, _first_symbol(trie, previous))
        code, length = _worthiest(pixels, trie, stack, start)
        _spell(trie, code, shown, start, length)
        _write(writer, code, width)
        if previous != NO_CODE:
            trie.symbol[new_code] = shown[start]
            new_code += 1
            width = min(width + (new_code == 1 << width), WIDEST_CODE)
        start += length
        if new_code == CODES:
            _write(writer, clear, width)
            _reset(trie)
            code, new_code, width = NO_CODE, end + 1, min_code_size + 1
    _write(writer, end, width)
    return _flushed(writer)


@compiled
def _worthiest(pixels: Pixels, trie: Trie, stack: Stack, start: int) -> tuple[int, int]:
    """Return the code and the length of the string worth most at this position."""
    price = np.float32(1) / max(pixels.tolerance, TINY)
    waiting = _push_roots(pixels, stack, start)
    best, best_length, best_worth = 0, 0, -UNBEARABLE
    visits = 0
    while waiting > 0:
        waiting -= 1
        visits += 1
        code, length = stack.code[waiting], stack.length[waiting]
        worth = length - stack.extra_error[waiting] * price
        if worth > best_worth:
            best, best_length, best_worth = code, length, worth
        if visits < MOST_VISITS and start + length < len(pixels.symbols):
            waiting = _push_children(pixels, trie, stack, waiting, start + length)
    return best, best_length


@compiled
def _push_roots(pixels: Pixels, stack: Stack, pixel: int) -> int:
    """Put the pixel's own symbol on the stack, and keeping the canvas where that is bearable."""
    own = pixels.symbols[pixel]
    stack.code[0], stack.length[0], stack.extra_error[0] = own, 1, 0
    extra = pixels.kept_errors[pixel] - pixels.errors[pixel]
    if own == pixels.transparent or extra > MOST_BEND * pixels.tolerance:
        return 1
    stack.code[1], stack.length[1], stack.extra_error[1] = pixels.transparent, 1, extra
    return 2


@compiled
def _push_children(pixels: Pixels, trie: Trie, stack: Stack, top: int, pixel: int) -> int:
    """Put what bearably goes on, at this pixel, the string that lay at ``top`` in its place.

    The compiler cannot know that the stack is none of the pixels' arrays, so what is the same for
    all children is read once, here.

    Returns:
        the new top.
    """
    length, error_so_far = stack.length[top] + 1, stack.extra_error[top]
    wanted = pixels.wanted[pixel, 0], pixels.wanted[pixel, 1], pixels.wanted[pixel, 2]
    own, weight, error = pixels.symbols[pixel], pixels.weights[pixel], pixels.errors[pixel]
    extra_of_keeping = pixels.kept_errors[pixel] - error
    most = MOST_BEND * pixels.tolerance
    child = trie.first_child[stack.code[top]]
    while child != NO_CODE:
        symbol = trie.symbol[child]
        if symbol == own:
            extra = np.float32(0)
        elif symbol == pixels.transparent:
            extra = extra_of_keeping
        else:
            extra = weight * _distance(wanted, pixels.palette, symbol) - error
        if extra <= most:
            stack.code[top], stack.length[top] = child, length
            stack.extra_error[top] = error_so_far + extra
            top += 1
        child = trie.next_sibling[child]
    return top


@compiled
def _distance(
    colour: tuple[np.float32, np.float32, np.float32], palette: NDArray[np.float32], symbol: int
) -> np.float32:
    first, second = colour[0] - palette[symbol, 0], colour[1] - palette[symbol, 1]
    third = colour[2] - palette[symbol, 2]
    distance: np.float32 = first * first + second * second + third * third
    return distance


@compiled
def _new_trie() -> Trie:
    symbol = np.arange(CODES).astype(np.uint16)
    none = np.full(CODES, NO_CODE, np.uint16)
    return Trie(symbol, none, none.copy(), none.copy())


@compiled
def _new_stack() -> Stack:
    code = np.empty(CODES, np.uint16)
    return Stack(code, np.empty(CODES, np.uint16), np.empty(CODES, np.float32))


@compiled
def _reset(trie: Trie) -> None:
    trie.first_child[:] = NO_CODE


@compiled
def _add(trie: Trie, code: int, parent: int, symbol: int) -> None:
    trie.symbol[code], trie.parent[code], trie.first_child[code] = symbol, parent, NO_CODE
    trie.next_sibling[code] = trie.first_child[parent]
    trie.first_child[parent] = code


@compiled
def _first_symbol(trie: Trie, code: int) -> int:
    while trie.parent[code] != NO_CODE:
        code = trie.parent[code]
    return code


@compiled
def _spell(trie: Trie, code: int, shown: NDArray[np.int32], start: int, length: int) -> None:
    """Write the string's symbols, which are found last to first."""
    for pixel in range(start + length - 1, start - 1, -1):
        shown[pixel] = trie.symbol[code]
        code = trie.parent[code]


@compiled
def _write(writer: BitWriter, code: int, width: int) -> None:
    held, bits, length = writer.state[0], writer.state[1], writer.state[2]
    held |= code << bits
    bits += width
    while bits >= 8:
        writer.out[length] = held & 255
        held >>= 8
        bits -= 8
        length += 1
    writer.state[0], writer.state[1], writer.state[2] = held, bits, length


@compiled
def _flushed(writer: BitWriter) -> int:
    """Write what is held back; return the number of bytes."""
    held, bits, length = writer.state[0], writer.state[1], writer.state[2]
    if bits > 0:
        writer.out[length] = held
        length += 1
    return int(length)
