"""Pictures of H.264 as x264 codes them, whole and changed."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from tests.thumbnailer.clips import coded, scene
from thumbnailer.video.damage import listening
from thumbnailer.video.h264 import H264Reader, rows_added
from thumbnailer.video.readers import reader_of
from thumbnailer.video.reading import Extent

COUNT, EVERY = 24, 8
PLAIN = f"keyint={EVERY}:bframes=3"
WAYS = {
    "plain": PLAIN,
    "codes of variable length": f"{PLAIN}:cabac=0",
    "slices": f"{PLAIN}:slices=4",
    "interlaced": f"{PLAIN}:interlaced=1",
    "interlaced codes of variable length": f"{PLAIN}:interlaced=1:cabac=0",
    "open": f"{PLAIN}:open-gop=1",
    "keyframes alone": "keyint=1",
    "renewed bit by bit": f"{PLAIN}:intra-refresh=1",
    "zeros behind": f"{PLAIN}:nal-hrd=cbr:bitrate=900:vbv-maxrate=900:vbv-bufsize=100",
    "lossless": f"{PLAIN}:qp=0",
    "coarse": f"{PLAIN}:crf=50",
    "described in each keyframe": f"{PLAIN}:repeat-headers=1",
}


def film(
    path: Path, ways: str = PLAIN, pixels: str = "yuv420p", size: tuple[int, int] = (176, 144)
) -> Path:
    """Encode a scene in which a square wanders, in some noise."""
    width, height = size
    picture, rng = scene(1, width=width, height=height), np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12, options={"x264-params": ways})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        for number in range(COUNT):
            noise = rng.integers(0, 30, (height, width, 3), np.uint8)
            noisy = picture(4 * number) // 2 + noise
            frame = av.VideoFrame.from_ndarray(noisy).reformat(format=pixels)
            frame.pts, frame.time_base = number, Fraction(1, 12)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def packets(path: Path) -> list[tuple[bytes, bool]]:
    """Return what each packet holds, and whether it is a keyframe."""
    with av.open(str(path)) as container:
        return [(bytes(each), each.is_keyframe) for each in container.demux(video=0) if each.size]


def judged(
    path: Path, contents: list[tuple[bytes, bool]] | None = None, extent: Extent = Extent.ALL
) -> list[bool | None]:
    """Return what a reader of the film says of these packets, by default its own."""
    contents = packets(path) if contents is None else contents
    with av.open(str(path)) as container, reader_of(container.streams.video[0]) as reader:
        assert isinstance(reader, H264Reader)
        return [reader.is_whole(coded(*each), extent) for each in contents]


def complaints(path: Path, contents: list[tuple[bytes, bool]]) -> int:
    """Return of how many packets FFmpeg's own decoder says that they are damaged."""
    heard = 0
    with av.open(str(path)) as container:
        decoder = container.streams.video[0].codec_context
        for each in contents:
            with listening() as complaints:
                decoder.decode(coded(*each))
            heard += complaints.heard
    return heard


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
@pytest.mark.parametrize("name", WAYS)
def test_whole_packets_are_whole(tmp_path: Path, name: str, suffix: str) -> None:
    assert judged(film(tmp_path / f"a.{suffix}", WAYS[name])) == [True] * COUNT


@pytest.mark.parametrize("pixels", ["yuv420p10le", "yuv444p", "yuv422p"])
def test_packets_of_other_pixels_are_whole(tmp_path: Path, pixels: str) -> None:
    assert judged(film(tmp_path / "a.mp4", pixels=pixels)) == [True] * COUNT


@pytest.mark.parametrize("name", ["a.mkv", "a.avi", "a.h264", "a.flv"])
def test_packets_of_other_containers_are_whole(tmp_path: Path, name: str) -> None:
    assert judged(film(tmp_path / name, f"{PLAIN}:bframes=0")) == [True] * COUNT


def test_keyframes_and_what_others_are_built_on_are_read_alone_if_so_asked(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", f"{PLAIN}:b-pyramid=none")
    contents = packets(path)
    keyframes = [True if is_keyframe else None for _, is_keyframe in contents]
    assert judged(path, extent=Extent.KEYFRAMES) == keyframes
    assert judged(path, contents[3:4]) == [None], "no keyframe came before"
    noticed: dict[bool, list[tuple[bool, bool]]] = {True: [], False: []}
    for number, (content, is_keyframe) in list(enumerate(contents))[1:]:
        spoilt = content[:-40] + b"\x55" * 40
        changed = [*contents[:number], (spoilt, is_keyframe), *contents[number + 1 :]]
        found, few = (
            judged(path, changed, extent)[number] is False
            for extent in (Extent.ALL, Extent.BUILT_ON)
        )
        noticed[bool(content[4] & 0x60)].append((found, few))  # nal_ref_idc
    assert [few for _, few in noticed[True]] == [found for found, _ in noticed[True]]
    assert not any(few for _, few in noticed[False])
    assert min(np.mean([found for found, _ in each]) for each in noticed.values()) > 0.8


@pytest.mark.parametrize("suffix", ["mp4", "ts"])
@pytest.mark.parametrize("name", ["plain", "interlaced", "described in each keyframe"])
def test_a_changed_bit_is_noticed_in_its_own_picture_alone(
    tmp_path: Path, name: str, suffix: str
) -> None:
    """FFmpeg's decoder says nothing of many of them."""
    path = film(tmp_path / f"a.{suffix}", WAYS[name])
    contents = packets(path)
    rng = np.random.default_rng(0)
    noticed = heard = count = 0
    for number in range(0, COUNT, 5):
        content, is_keyframe = contents[number]
        for place in rng.integers(len(content) // 2, len(content) - 4, 8) if content[200:] else ():
            other = bytearray(content)
            other[place] ^= 1 << int(rng.integers(8))
            spoilt = [*contents[:number], (bytes(other), is_keyframe), *contents[number + 1 :]]
            found = judged(path, spoilt)
            assert found[:number] == [True] * number
            assert number // EVERY == (COUNT - 1) // EVERY or found[-1], "a keyframe came since"
            noticed += found[number] is False
            heard += complaints(path, spoilt) > 0
            count += 1
    assert count > 20
    assert noticed > 0.9 * count
    assert heard < 0.6 * count


@pytest.mark.parametrize(("width", "rows"), [(0, 320), (16, 320), (160, 32), (1280, 4), (4096, 2)])
def test_small_pictures_have_more_rows_added(width: int, rows: int) -> None:
    assert rows_added(width) == rows


def test_what_is_cut_off_or_lost_is_noticed(tmp_path: Path) -> None:
    path = film(tmp_path / "a.mp4", f"{PLAIN}:crf=18")
    (first, is_keyframe), *others = packets(path)
    half = len(first) // 2
    spoilt = first[:half] + b"\x55" * 20 + first[half + 20 :]
    assert judged(path, [(spoilt, is_keyframe), *others])[0] is False


def test_a_stream_without_description_is_no_error(tmp_path: Path) -> None:
    """Its decoder says that it lacks parameters; of what is behind nothing is known."""
    path = film(tmp_path / "a.mp4")
    content = path.read_bytes()
    at = content.index(b"avcC") + 4
    (tmp_path / "b.mp4").write_bytes(content[:at] + b"\xff" * 40 + content[at + 40 :])
    assert set(judged(tmp_path / "b.mp4", packets(path))) <= {True, None}
