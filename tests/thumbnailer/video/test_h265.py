"""Pictures of H.265 as x265 codes them, whole and changed."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from tests.thumbnailer.clips import coded, scene
from thumbnailer.video.h265 import H265Reader
from thumbnailer.video.readers import reader_of
from thumbnailer.video.reading import Extent

PLAIN = "keyint=8:bframes=3"
WAYS = {
    "plain": PLAIN,
    "one row after the other": f"{PLAIN}:wpp=0",
    "rows that wait for each other": f"{PLAIN}:wpp=1:ctu=16",
    "slices": f"{PLAIN}:slices=2",
    "small blocks": f"{PLAIN}:ctu=16:rect=1:amp=1:tskip=1:weightb=1",
    "lists of scales": f"{PLAIN}:scaling-list=default",
    "closed": f"{PLAIN}:open-gop=0",
    "fields": f"{PLAIN}:interlace=tff",
    "lossless": f"{PLAIN}:lossless=1",
    "coarse": f"{PLAIN}:crf=45",
}


def film(path: Path, ways: str = PLAIN, pixels: str = "yuv420p", count: int = 24) -> Path:
    """Encode a scene in which a square wanders."""
    picture = scene(1, width=176, height=144)
    with av.open(str(path), "w") as container:
        options = {"preset": "medium", "x265-params": f"log-level=none:pools=1:{ways}"}
        stream = container.add_stream("libx265", rate=12, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 176, 144, pixels
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(picture(4 * number)).reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, 12)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def packets(path: Path) -> list[bytes]:
    with av.open(str(path)) as container:
        return [bytes(each) for each in container.demux(video=0) if each.size]


def judged(
    path: Path, contents: list[bytes] | None = None, *, reads_all: bool
) -> list[bool | None]:
    """Return what a reader of the film says of these packets, by default its own."""
    contents = packets(path) if contents is None else contents
    extent = Extent.ALL if reads_all else Extent.KEYFRAMES
    with av.open(str(path)) as container, reader_of(container.streams.video[0]) as reader:
        assert isinstance(reader, H265Reader)
        return [reader.is_whole(coded(each), extent) for each in contents]


@pytest.mark.parametrize("name", WAYS)
def test_whole_packets_are_whole(tmp_path: Path, name: str) -> None:
    assert judged(film(tmp_path / "a.mp4", WAYS[name]), reads_all=True) == [True] * 24


@pytest.mark.parametrize("pixels", ["yuv420p10le", "yuv444p", "yuv422p10le", "gray"])
def test_packets_of_other_pixels_are_whole(tmp_path: Path, pixels: str) -> None:
    assert judged(film(tmp_path / "a.mp4", pixels=pixels), reads_all=True) == [True] * 24


@pytest.mark.parametrize("name", ["a.mkv", "a.ts", "a.hevc"])
def test_packets_of_other_containers_are_whole(tmp_path: Path, name: str) -> None:
    assert judged(film(tmp_path / name), reads_all=True) == [True] * 24


def test_a_second_layer_as_of_transparency_is_passed_over(tmp_path: Path) -> None:
    """Its units have the number of a layer in their head; they may hold anything."""
    path = film(tmp_path / "a.mp4")
    contents = packets(path)
    layered = []
    for content in contents:
        unit = bytearray(content[-60:])
        unit[0], unit[1] = 1 << 1, 1 << 3 | 1
        layered.append(content + len(unit).to_bytes(4, "big") + bytes(unit))
    assert judged(path, layered, reads_all=True) == [True] * 24


def test_keyframes_alone_are_read_unless_all_are_asked_for(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4")
    found = judged(path, reads_all=False)
    assert found.count(True) == 3
    assert found.count(None) == 21
    assert judged(path, packets(path)[3:4], reads_all=True) == [None], "no keyframe came before"


def changed(contents: list[bytes]) -> Iterator[tuple[int, list[bytes]]]:
    """Yield numbers of pictures, and the film with one bit of that picture changed."""
    rng = np.random.default_rng(0)
    for number in range(0, len(contents), 3):
        content = bytearray(contents[number])
        if len(content) < 80:
            continue  # next to nothing is coded
        for place in rng.integers(40, len(content) - 8, 12):
            other = bytearray(content)
            other[place] ^= 1 << int(rng.integers(8))
            yield number, [*contents[:number], bytes(other), *contents[number + 1 :]]


def test_a_changed_bit_is_noticed_in_its_own_picture_alone(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", f"{PLAIN}:crf=18")
    contents = packets(path)
    noticed = others = count = 0
    for number, each in changed(contents):
        found = judged(path, each, reads_all=True)
        noticed += found[number] is False
        others += sum(found[place] is False for place in range(len(found)) if place != number)
        count += 1
    assert count > 20
    assert noticed > 0.9 * count
    assert others == 0


def unwritten_share(path: Path, content: bytes) -> float:
    """Return how much of the picture FFmpeg leaves as its new memory was, which is zero."""
    with av.open(str(path)) as container:
        decoder = container.streams.video[0].codec_context
        frames = [*decoder.decode(coded(content)), *decoder.decode(None)]
        if not frames:
            return 0.0
        picture = frames[0].reformat(format="yuv444p").to_ndarray()
    return float((picture == 0).all(axis=0).mean())


def test_a_picture_that_seems_to_end_early_is_noticed(tmp_path: Path) -> None:
    """From a changed bit on its end is read amid the picture: FFmpeg and libde265 say nothing."""
    path = film(tmp_path / "a.mp4", count=3)
    [first, *_] = packets(path)
    early = silent = 0
    for place in range(len(first) // 4, len(first), 2):
        content = bytearray(first)
        content[place] ^= 1
        share = unwritten_share(path, bytes(content))
        if share > 0.02:
            early += 1
            assert judged(path, [bytes(content)], reads_all=False) == [False], (place, share)
        else:
            silent += judged(path, [bytes(content)], reads_all=False) == [True]
    assert early >= 5
    assert silent < 0.05 * len(first) * 3 / 8


def test_what_is_cut_off_or_lost_is_noticed(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", f"{PLAIN}:crf=18")
    first, *others = packets(path)
    half = len(first) // 2
    for content in (first[:half], first[:half] + first[half + 20 :], first[:half] + b"\0" * half):
        assert judged(path, [content, *others], reads_all=True)[0] is False


def test_a_film_with_a_damaged_header_is_not_read(tmp_path: Path) -> None:
    content = bytearray(film(tmp_path / "a.mp4").read_bytes())
    at = content.index(b"hvcC") + 4
    content[at + 21 : at + 30] = b"\xff" * 9  # how many parameter sets there are, and the first
    (tmp_path / "b.mp4").write_bytes(content)
    with av.open(str(tmp_path / "b.mp4")) as container, reader_of(container.streams.video[0]) as it:
        assert it is None


def test_other_codecs_have_no_reader(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("mpeg4", rate=12)
        assert isinstance(stream, VideoStream)
        with reader_of(stream) as reader:
            assert reader is None
