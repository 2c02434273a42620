"""Every codec and shape of video that people upload, from the file to frames at the right time."""

import struct
from collections.abc import Callable
from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from av.stream import Disposition
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image

from tests.thumbnailer.clips import scene, shared_video, write_clip
from tests.thumbnailer.features.means import Means
from thumbnailer.features.analysis import analyse
from thumbnailer.video.cut import HALF_TICK_S, cut_frames
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.probe import probe
from thumbnailer.video.sampling import sample_video

FPS, COUNT = 25, 50

CODECS = [
    ("a.mp4", "libx264", "h264"),
    ("a.mkv", "libx265", "hevc"),
    ("a.webm", "libvpx", "vp8"),
    ("b.webm", "libvpx-vp9", "vp9"),
    ("b.mp4", "libsvtav1", "libdav1d"),
    ("a.mpg", "mpeg1video", "mpeg1video"),
    ("a.ts", "mpeg2video", "mpeg2video"),
    ("a.avi", "mpeg4", "mpeg4"),
    ("a.mov", "mjpeg", "mjpeg"),
    ("a.flv", "flv", "flv"),
    ("a.wmv", "wmv2", "wmv2"),
    ("a.h264", "libx264", "h264"),  # raw streams, without any time stamp
    ("a.hevc", "libx265", "hevc"),
    ("a.m2v", "mpeg2video", "mpeg2video"),
    ("a.ivf", "libvpx", "vp8"),
]


def levels(width: int = 64, height: int = 64) -> list[NDArray[np.uint8]]:
    """Frame number i is gray of level 4 i + 20."""
    return [np.full((height, width, 3), 4 * number + 20, np.uint8) for number in range(COUNT)]


def seen(frame: NDArray[np.uint8]) -> int:
    return round((float(frame.mean()) - 20) / 4)


@pytest.mark.parametrize(
    ("name", "codec", "decoder"), CODECS, ids=[each[0] + each[1] for each in CODECS]
)
def test_every_codec_gives_the_frames_of_their_time(
    tmp_path: Path, name: str, codec: str, decoder: str
) -> None:
    clip = write_clip(tmp_path / name, levels(), fps=FPS, codec=codec)
    info = probe(clip)
    assert (info.width, info.height, info.codec) == (64, 64, decoder)
    # A program stream has no index: its length is read off its last packs.
    assert info.duration_s == pytest.approx(2.0, abs=0.4 if name.endswith(".mpg") else 0.05)
    [frames] = cut_frames(clip, [[0.5, 1.0, 1.5]])
    wanted = [int((time_s + HALF_TICK_S) * FPS) for time_s in (0.5, 1.0, 1.5)]
    assert [seen(frame) for frame in frames] == pytest.approx(wanted, abs=1)
    video = analyse(clip, Means())
    assert (len(video.features), video.skipped_packets) == (2, 0)
    assert (np.diff(video.frames.luma) >= -0.01).all()


@pytest.mark.parametrize(
    "name",
    ["popcornjs_trailer.ogv", "caminandes_llama_drama_30s.webm", "sintel_trailer_480p.mp4"],
    ids=["theora", "av1", "h264"],
)
def test_real_files_of_codecs_that_cannot_be_made_here(name: str) -> None:
    clip = shared_video(name)
    [[frame, later]] = cut_frames(clip, [[10.0, 10.96]])
    assert frame.shape == later.shape
    assert frame.std() > 5


@pytest.mark.parametrize("codec", ["libx264", "libx265", "libvpx-vp9", "mpeg4", "mjpeg"])
def test_one_frame(tmp_path: Path, codec: str) -> None:
    clip = write_clip(tmp_path / "a.mkv", [scene(0)(0)], codec=codec)
    assert probe(clip).width == 64
    [[frame]] = cut_frames(clip, [[0.0]])
    assert np.abs(frame.astype(int) - scene(0)(0)).mean() < 25
    assert len(analyse(clip, Means()).frames.luma) == 1


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((65, 49), (64, 48)),
        ((17, 11), (16, 12)),
        ((101, 501), (36, 180)),
        ((360, 640), (102, 180)),
        ((512, 512), (180, 180)),
        ((700, 20), (320, 10)),
    ],
    ids=["odd", "tiny", "narrow", "portrait", "square", "wide"],
)
def test_odd_sizes_and_shapes(
    tmp_path: Path, size: tuple[int, int], shown: tuple[int, int]
) -> None:
    pictures = [np.full((size[1], size[0], 3), 100, np.uint8)] * 12
    clip = write_clip(tmp_path / "a.webm", pictures, codec="libvpx-vp9")
    assert (probe(clip).width, probe(clip).height) == size
    [[frame]] = cut_frames(clip, [[0.5]])
    assert frame.shape == (shown[1], shown[0], 3)
    assert np.abs(frame.astype(int) - 100).max() <= 3


def write_varying(path: Path, starts_s: list[Fraction]) -> Path:
    """Frame i, of level 4 i + 20, begins at the i-th time; the last lasts a tenth of a second."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=1000, options={"bf": "0", "crf": "10"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for picture, start_s in zip(levels(), starts_s, strict=False):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = int(start_s * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv"])
def test_a_variable_frame_rate(tmp_path: Path, name: str) -> None:
    starts_s = [Fraction(each) for each in ("0", "0.1", "0.9", "0.92", "0.94", "2.5", "2.6", "3")]
    clip = write_varying(tmp_path / name, starts_s)
    times_s = [0.0, 0.5, 1.0, 2.0, 2.5, 2.96]
    [frames] = cut_frames(clip, [times_s])
    assert [seen(frame) for frame in frames] == [0, 1, 4, 4, 5, 7]
    by_tick = {}
    for sample in sample_video(clip, rgb_size=32, log=DecodingLog()):
        for tick in range(sample.first_tick, sample.end_tick):
            by_tick[tick] = round((float(sample.gray.mean()) - 20) / 4)
    assert [by_tick[round(time_s * 12)] for time_s in times_s[:5]] == [0, 1, 4, 4, 5]


def write_beside(path: Path, others: Callable[[av.container.OutputContainer], VideoStream]) -> Path:
    """A film of 64 x 64 and a second stream of pictures, which ``others`` adds."""
    with av.open(str(path), "w") as container:
        second = others(container)
        stream = container.add_stream("libx264", rate=12, options={"bf": "0", "crf": "10"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        height, width = second.height, second.width
        for picture in levels()[:24]:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        white = np.full((height, width, 3), 255, np.uint8)
        container.mux(second.encode(av.VideoFrame.from_ndarray(white, format="rgb24")))
        container.mux(second.encode())
        container.mux(stream.encode())
    return path


def cover(container: av.container.OutputContainer) -> VideoStream:
    stream = container.add_stream("mjpeg", rate=12)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = 640, 480, "yuvj420p"
    stream.disposition = Disposition.attached_pic
    return stream


def smaller(container: av.container.OutputContainer) -> VideoStream:
    stream = container.add_stream("libx264", rate=12)
    assert isinstance(stream, VideoStream)
    stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
    return stream


@pytest.mark.parametrize(
    ("name", "other"), [("a.mp4", cover), ("a.mp4", smaller), ("a.mkv", smaller)]
)
def test_the_film_is_found_beside_cover_art_and_smaller_streams(
    tmp_path: Path, name: str, other: Callable[[av.container.OutputContainer], VideoStream]
) -> None:
    clip = write_beside(tmp_path / name, other)
    assert probe(clip).width == 64
    [[first, last]] = cut_frames(clip, [[0.0, 1.9]])
    assert [seen(first), seen(last)] == [0, 23]
    assert len(analyse(clip, Means()).features) == 2


def test_a_cover_attached_to_a_matroska_file_is_not_the_film(tmp_path: Path) -> None:
    plain = write_clip(tmp_path / "plain.mkv", levels()[:12])
    picture = BytesIO()
    Image.new("RGB", (640, 480), "white").save(picture, format="JPEG")
    clip = tmp_path / "a.mkv"
    with av.open(str(plain)) as old, av.open(str(clip), "w") as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        new.add_attachment("cover.jpg", "image/jpeg", picture.getvalue())
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    with av.open(str(clip)) as container:
        assert sorted(each.width for each in container.streams.video) == [64, 640]
    assert probe(clip).width == 64


def smaller_by_default(container: av.container.OutputContainer) -> VideoStream:
    stream = smaller(container)
    stream.disposition = Disposition.default
    return stream


def test_the_default_track_is_the_film_though_another_is_larger(tmp_path: Path) -> None:
    assert probe(write_beside(tmp_path / "a.mkv", smaller_by_default)).width == 32


@pytest.mark.parametrize("second_starts_s", [0, 20_000], ids=["again", "leap"])
@pytest.mark.parametrize("name", ["a.ts", "a.flv"])
def test_recordings_that_are_joined_are_seen_whole(
    tmp_path: Path, name: str, second_starts_s: int
) -> None:
    codec = "libx264" if name.endswith(".ts") else "flv"
    first = write_clip(tmp_path / f"1{name}", levels(), fps=FPS, codec=codec)
    again = write_clip(
        tmp_path / f"2{name}", levels(), fps=FPS, codec=codec, first_pts=FPS * second_starts_s
    )
    clip = tmp_path / name
    header = 13 if name.endswith(".flv") else 0  # an FLV file's own, before its tags
    clip.write_bytes(first.read_bytes() + again.read_bytes()[header:])
    assert probe(clip).duration_s == pytest.approx(4.0, abs=0.1)
    assert len(analyse(clip, Means()).features) == 4
    [[early], [late]] = cut_frames(clip, [[0.5], [2.5]])
    assert [seen(early), seen(late)] == pytest.approx([13, 13], abs=1)


def test_a_header_that_lies_about_hours_is_not_believed(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "a.mkv", levels(), fps=FPS)
    content = bytearray(clip.read_bytes())
    at = content.index(b"\x44\x89\x88") + 3  # Matroska's Duration, a double of milliseconds
    content[at : at + 8] = struct.pack(">d", 10 * 3600 * 1000.0)
    clip.write_bytes(content)
    with av.open(str(clip)) as container:
        assert container.duration == 10 * 3600 * av.time_base
    assert probe(clip).duration_s == pytest.approx(2.0, abs=0.05)
    assert len(analyse(clip, Means()).features) == 2
