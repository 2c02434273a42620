"""Frames as libvpx writes them, whole and spoilt."""

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.thumbnailer.clips import ROOT, coded, scene, shared_video
from thumbnailer.video.reading import Extent
from thumbnailer.video.vp8.bits import reader_of
from thumbnailer.video.vp8.frame import HEAD_BYTES, Vp8Reader
from thumbnailer.video.vp8.header import Handed, read_header

REALTIME = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"}
LIKE_CALLS = {**REALTIME, "error-resilient": "partitions", "slices": "4", "noise-sensitivity": "4"}
HIDDEN = {"deadline": "good", "cpu-used": "4", "auto-alt-ref": "1", "lag-in-frames": "12"}
LAYERS = {
    **REALTIME,
    "ts-parameters": "ts_number_layers=2:ts_target_bitrate=100,200:ts_rate_decimator=2,1:"
    "ts_periodicity=2:ts_layer_id=0,1:ts_layering_mode=2",
}


def packets(
    options: dict[str, str],
    size: tuple[int, int] = (320, 176),
    count: int = 3,
    every: int = 128,
    pixels: str = "yuv420p",
) -> list[bytes]:
    """Encode a scene, with a keyframe every so many frames."""
    encoder = av.CodecContext.create("libvpx", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = *size, pixels
    encoder.time_base, encoder.options, encoder.gop_size = Fraction(1, 12), options, every
    picture = scene(1, width=320, height=176)
    frames = [av.VideoFrame.from_ndarray(picture(4 * number)) for number in range(count)]
    for number, frame in enumerate(frames):
        frame.pts = number
    coded = [packet for frame in [*frames, None] for packet in encoder.encode(frame)]
    return [bytes(packet) for packet in coded]


def is_whole(content: bytes) -> bool | None:
    """Read a packet alone."""
    return Vp8Reader().is_whole(coded(content), Extent.ALL)


def read_in_turn(contents: list[bytes], *, reads_all: bool = True) -> list[bool | None]:
    reader, extent = Vp8Reader(), Extent.ALL if reads_all else Extent.KEYFRAMES
    return [reader.is_whole(coded(each), extent) for each in contents]


@pytest.fixture(scope="module")
def keyframe() -> bytes:
    return packets({**REALTIME, "crf": "10", "b": "4M"})[0]


@pytest.mark.parametrize("size", [(320, 176), (170, 90), (33, 17), (16, 16)], ids=str)
@pytest.mark.parametrize(
    "options",
    [
        {**REALTIME, "b": "100k"},
        {**REALTIME, "crf": "4", "b": "9M"},
        {**REALTIME, "crf": "63", "b": "9k"},
        LIKE_CALLS,
        HIDDEN,
        LAYERS,
    ],
    ids=["plain", "fine", "coarse", "calls", "hidden frames", "layers"],
)
def test_whole_packets_are_whole(size: tuple[int, int], options: dict[str, str]) -> None:
    coded = packets(options, size, count=30, every=5)
    assert sum(not each[0] & 1 for each in coded) >= 6
    assert read_in_turn(coded) == [True] * len(coded)


def test_a_picture_with_transparency_is_whole() -> None:
    coded = packets({**REALTIME, "auto-alt-ref": "0"}, pixels="yuva420p")
    assert read_in_turn(coded) == [True] * 3


def test_coefficients_may_be_in_parts() -> None:
    [content, *_] = packets(LIKE_CALLS)
    reader = reader_of(np.frombuffer(content, np.uint8), HEAD_BYTES, len(content))
    first = Handed.of_keyframe()
    assert read_header(reader, first, first)[1] == 4
    assert is_whole(content)


@pytest.mark.parametrize("reads_all", [True, False], ids=["all", "keyframes"])
def test_packets_of_real_films_are_whole(reads_all: bool) -> None:
    for name in ("simpl_bike_ride.webm", "big_buck_bunny_trailer.webm"):
        with av.open(str(shared_video(name))) as container:
            found = [bytes(each) for each in container.demux(video=0) if each.size]
        read = read_in_turn(found[:100] if reads_all else found, reads_all=reads_all)
        assert read.count(True) > 5
        assert set(read) <= {True} if reads_all else {True, None}, name


def test_a_changed_bit_is_noticed_wherever_it_is(keyframe: bytes) -> None:
    """But for the last bits, which nothing depends on, and the colours' own two."""
    rng = np.random.default_rng(0)
    places = rng.integers(HEAD_BYTES + 1, len(keyframe) - 8, 400)
    spoilt = [bytearray(keyframe) for _ in places]
    for content, place, bit in zip(spoilt, places, rng.integers(8, size=400), strict=True):
        content[place] ^= 1 << int(bit)
    noticed = [not is_whole(bytes(each)) for each in spoilt]
    assert np.mean(noticed) > 0.97


@pytest.mark.parametrize("length", [0.0, 0.002, 0.3, 0.7, 0.97])
def test_what_is_cut_off_is_noticed(keyframe: bytes, length: float) -> None:
    assert not is_whole(keyframe[: max(1, int(len(keyframe) * length))])


def test_what_is_lost_and_what_is_put_in_are_noticed(keyframe: bytes) -> None:
    half = len(keyframe) // 2
    assert not is_whole(keyframe[:half] + keyframe[half + 20 :])
    assert not is_whole(keyframe[:half] + b"\0" * 20 + keyframe[half:])
    assert not is_whole(keyframe[:half] + b"\0" * half), "a hole in a file"
    assert not is_whole(keyframe + keyframe[:100])


def test_a_changed_frame_is_noticed_as_well_and_those_on_it_are_not_read() -> None:
    coded = packets({**REALTIME, "b": "900k"}, count=30, every=10)
    noticed = []
    for number in (3, 12, 27):
        content = bytearray(coded[number])
        for place in np.random.default_rng(number).integers(4, len(content) - 8, 12):
            content[place] ^= 4
            found = read_in_turn([*coded[:number], bytes(content), *coded[number + 1 :]])
            content[place] ^= 4
            noticed.append(found[number] is False)
            assert found[:number] == [True] * number
            if noticed[-1]:
                until = 10 * (number // 10 + 1)
                assert found[number + 1 : until] == [None] * (until - number - 1)
                assert found[until:] == [True] * (len(coded) - until)
    assert np.mean(noticed) > 0.8, "some bits change nothing that is read later"


def test_keyframes_alone_are_read_unless_all_are_asked_for() -> None:
    coded = packets(REALTIME, count=6, every=3)
    keyframe_only = [True, None, None, True, None, None]
    assert read_in_turn(coded, reads_all=False) == keyframe_only
    assert read_in_turn(coded[1:]) == [None, None, True, True, True], "no keyframe came before"
    assert is_whole(b"") is None


def test_noise_is_read_within_bounds(keyframe: bytes, tmp_path: Path) -> None:
    """With numba's own checks, which raise where a read or a write would leave an array."""
    (tmp_path / "keyframe").write_bytes(keyframe)
    program = f"""
import numpy as np
from av import Packet
from pathlib import Path
from thumbnailer.video.reading import Extent
from thumbnailer.video.vp8.frame import Vp8Reader
rng, whole = np.random.default_rng(0), Path({str(tmp_path / "keyframe")!r}).read_bytes()
for number in range(1500):
    packet = bytearray(whole[: rng.integers(len(whole) + 1)])
    for place in rng.integers(len(packet), size=number % 5) if packet else ():
        packet[place] = rng.integers(256)
    Vp8Reader().is_whole(Packet(bytes(packet)), Extent.ALL)
    noise = bytearray(rng.integers(0, 256, rng.integers(1, 400), np.uint8))
    noise[0] |= number & 1
    reader = Vp8Reader()
    reader.is_whole(Packet(whole), Extent.ALL)
    reader.is_whole(Packet(bytes(noise)), Extent.ALL)
"""
    environment = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, check=True)


def test_a_size_that_noise_tells_costs_no_time() -> None:
    """Of a picture of 16,383 x 16,383 pixels the reading ends where the packet does."""
    assert not is_whole(b"\x10\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + b"\xa5" * 50)
