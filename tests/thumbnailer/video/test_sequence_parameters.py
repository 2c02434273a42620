"""Heights as FFmpeg reads them, of streams as x264 and others describe themselves."""

from fractions import Fraction

import av
import numpy as np
import pytest

from tests.thumbnailer.clips import scene
from thumbnailer.video.sequence_parameters import taller

ROW_PX, ROWS = 16, 2
WAYS = {
    "plain": {},
    "baseline": {"profile": "baseline"},
    "weights": {"x264-params": "cqm=jvt"},
    "interlaced": {"x264-params": "interlaced=1"},
    "cropped": {"x264-params": "crop-rect=8,4,2,6"},
    "fake interlaced": {"x264-params": "fake-interlaced=1"},
    "no B pictures": {"x264-params": "bframes=0"},
}
START = b"\x00\x00\x01"


def described(options: dict[str, str], pixels: str = "yuv420p", *, in_packets: bool) -> bytes:
    """Return what x264 says of a stream, as MP4 keeps it or with start codes."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = 320, 176, pixels
    encoder.time_base, encoder.options = Fraction(1, 12), options
    if not in_packets:
        encoder.flags |= av.codec.context.Flags.global_header
    picture = av.VideoFrame.from_ndarray(scene(1, width=320, height=176)(0))
    [first, *_] = [*encoder.encode(picture.reformat(format=pixels)), *encoder.encode(None)]
    return bytes(first) if in_packets else bytes(encoder.extradata or b"")


def height_px(units: bytes) -> int:
    """Return the height of the picture that a decoder finds in these units."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.decode(av.Packet(units))
    return decoder.height


@pytest.mark.parametrize("pixels", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize("name", WAYS)
def test_rows_of_macroblocks_are_added(name: str, pixels: str) -> None:
    if name == "baseline" and pixels != "yuv420p":
        pytest.skip("baseline has no other pixels")
    units = described(WAYS[name], pixels, in_packets=True)
    for rows in (2, 4, 32):
        assert height_px(taller(units, rows)) == height_px(units) + rows * ROW_PX


def test_nothing_but_the_set_changes() -> None:
    units = described({}, in_packets=True)
    behind = units.index(START + b"\x68")
    assert taller(units, ROWS).endswith(units[behind:])


def test_what_mp4_keeps_is_raised_as_well() -> None:
    units = described({}, in_packets=False)
    sets = [START + each for each in units.replace(b"\0" + START, START).split(START)[1:]]
    kept = [each[len(START) :] for each in sets if each[len(START)] & 31 in {7, 8}]
    assert len(kept) == 2
    head = b"\x01\x64\x00\x1f\xff"
    lengths = [len(each).to_bytes(2, "big") + each for each in kept]
    raised = taller(head + b"\xe1" + lengths[0] + b"\x01" + lengths[1], ROWS)
    size = int.from_bytes(raised[6:8], "big")
    assert START + raised[8 : 8 + size] == taller(START + kept[0], ROWS)
    assert raised[8 + size :] == b"\x01" + lengths[1]


@pytest.mark.parametrize("length", range(9))
def test_a_set_that_ends_too_early_stays(length: int) -> None:
    units = described({}, in_packets=True)
    at = units.index(START + b"\x67")
    cut = units[at : at + len(START) + length]
    assert taller(cut, ROWS) == cut
    assert taller(b"\x01" + units[at : at + length], ROWS)


def test_noise_is_no_error() -> None:
    rng = np.random.default_rng(0)
    for number in range(300):
        noise = rng.integers(0, 256, number, np.uint8).tobytes()
        assert taller(noise + START + b"\x67" + noise, ROWS).startswith(noise + START)
        taller(b"\x01" + noise, ROWS)
    long = START + b"\x67" + b"\x01" * 100_000
    assert taller(long, ROWS) == long
