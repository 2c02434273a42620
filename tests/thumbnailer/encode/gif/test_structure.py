"""The strict reader refuses what is wrong, or the tests that rely on it would prove nothing."""

import pytest

from tests.thumbnailer.encode.gif.structure import decode_lzw, read_gif
from tests.thumbnailer.encode.moving import moving_scene
from thumbnailer.encode.gif.encoder import encode_gif
from thumbnailer.encode.parts.footage import Footage

# The worked example of https://www.w3.org/Graphics/GIF/spec-gif89a.txt's companion,
# "What's in a GIF" (Matthew Flickinger): a 10 x 10 picture of 4 colours.
SAMPLE = bytes.fromhex("8c2d99872a1cdc33a00275ec95faa8de608c04914c01")
TOP_ROWS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 2] * 3
MIDDLE_ROWS = [1, 1, 1, 0, 0, 0, 0, 2, 2, 2]


def test_reads_a_stream_of_another_encoder() -> None:
    symbols = decode_lzw(SAMPLE, 2, 100)

    assert symbols[:30] == TOP_ROWS
    assert symbols[30:40] == MIDDLE_ROWS


@pytest.mark.parametrize("count", [99, 101])
def test_refuses_another_number_of_pixels(count: int) -> None:
    with pytest.raises(AssertionError):
        decode_lzw(SAMPLE, 2, count)


def test_refuses_bytes_after_the_end_code() -> None:
    with pytest.raises(AssertionError, match="no bytes follow"):
        decode_lzw(SAMPLE + b"\x00", 2, 100)


@pytest.mark.parametrize("change", [lambda gif: gif + b"\x00", lambda gif: gif[:-1]])
def test_refuses_a_file_too_long_or_too_short(change) -> None:  # type: ignore[no-untyped-def]
    content = encode_gif(Footage(moving_scene(2))).content

    with pytest.raises(AssertionError):
        read_gif(change(content))
