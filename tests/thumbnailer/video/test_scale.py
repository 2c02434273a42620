"""Colours and transparency, from files of many kinds to what Chromium itself shows of them."""

import struct
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from tests import chromium
from tests.thumbnailer.clips import Frame
from tests.thumbnailer.video.mp4_boxes import with_box
from thumbnailer.errors import UnknownColoursError
from thumbnailer.video.colour_space import BT709, SMPTE170M, ColourSpace, colour_space
from thumbnailer.video.container import open_video
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.decode import sound_picture
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.framing import Framing
from thumbnailer.video.sampling import sample_video

COLOURS = [(190, 190, 190), (190, 190, 20), (20, 190, 190), (20, 190, 20), (190, 20, 190),
           (190, 20, 20), (20, 20, 190), (90, 60, 50)]  # fmt: skip
SD, HD = (320, 240), (960, 720)


def bars(width: int, height: int) -> Frame:
    stripes = np.asarray(COLOURS, np.uint8).repeat(width // len(COLOURS), axis=0)
    return np.broadcast_to(stripes, (height, *stripes.shape)).copy()


def write_bars(
    path: Path, codec: str, size: tuple[int, int], coded: str, tags: tuple[int, int, int]
) -> Path:
    """Bars whose luma and colour differences are made by ``coded``, whatever the tags say."""
    options = {"crf": "4"} | ({"b": "8M"} if codec == "libvpx" else {})
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        codec_context = stream.codec_context
        matrix, codec_context.color_primaries, codec_context.color_trc = tags
        codec_context.colorspace = matrix
        codec_context.color_range = 1
        for number in range(10):
            frame = av.VideoFrame.from_ndarray(bars(*size), format="rgb24").reformat(
                format="yuv420p", dst_colorspace=coded, dst_color_range="MPEG"
            )
            frame.pts = number
            frame.colorspace, frame.color_primaries, frame.color_trc = tags
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


UNTAGGED, WHOLE_601, WHOLE_709, WIDE = (2, 2, 2), (6, 6, 6), (1, 1, 1), (1, 12, 1)
SMALL = ColourSpace(SMPTE170M, SMPTE170M, SMPTE170M)
LARGE = ColourSpace(BT709, BT709, BT709)
FILES = {
    "sd.mp4": ("libx264", SD, "ITU601", UNTAGGED, SMALL),
    "hd.mp4": ("libx264", HD, "ITU709", UNTAGGED, LARGE),
    "sd_709.mp4": ("libx264", SD, "ITU709", WHOLE_709, LARGE),
    "hd_601.mp4": ("libx264", HD, "ITU601", WHOLE_601, SMALL),
    "hd_matrix_alone.mp4": ("libx264", HD, "ITU709", (6, 2, 2), LARGE),
    "hd_wide.mp4": ("libx264", HD, "ITU709", WIDE, ColourSpace(*WIDE)),
    "hd.vp9.webm": ("libvpx-vp9", HD, "ITU601", UNTAGGED, SMALL),
    "sd.vp8.webm": ("libvpx", SD, "ITU601", UNTAGGED, SMALL),
    "hd.vp8.webm": ("libvpx", HD, "ITU709", UNTAGGED, LARGE),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("bars")
    return {
        name: write_bars(folder / name, codec, size, coded, tags)
        for name, (codec, size, coded, tags, _) in FILES.items()
    }


@pytest.mark.parametrize("name", FILES)
def test_colours_that_are_not_told_are_read_as_chromium_reads_them(
    files: dict[str, Path], name: str
) -> None:
    with open_video(files[name]) as video:
        assert colour_space(sound_picture(video)) == FILES[name][-1]


@pytest.mark.parametrize("name", [name for name in FILES if "wide" not in name])
def test_the_bars_come_out_as_they_went_in(files: dict[str, Path], name: str) -> None:
    width, height = FILES[name][1]
    [[frame]] = cut_frames(files[name], [[0.5]], Framing((width, height)))
    assert np.abs(frame.astype(int) - bars(width, height)).mean() < 3
    [first, *_] = sample_video(files[name], rgb_size=224, log=DecodingLog())
    assert first.rgb is not None
    assert np.abs(first.rgb[::8, 14::28].astype(int) - COLOURS).mean() < 4


@chromium.needed
def test_chromium_shows_the_same_colours(files: dict[str, Path], tmp_path: Path) -> None:
    for name, theirs in chromium.frames(files, 0.55, tmp_path).items():
        [[ours]] = cut_frames(files[name], [[0.5]], Framing(FILES[name][1]))
        assert np.abs(ours.astype(int) - theirs).mean() < 3, name


def disc(number: int) -> NDArray[np.uint8]:
    """A red disc that wanders, transparent and black around it."""
    rows, columns = np.mgrid[:48, :64]
    inside = (rows - 24) ** 2 + (columns - 20 - number) ** 2 < 225
    return np.dstack([220 * inside, 0 * inside, 0 * inside, 255 * inside]).astype(np.uint8)


@pytest.mark.parametrize(
    ("name", "codec", "pixels"),
    [
        ("a.mov", "qtrle", "argb"),
        ("a.mov", "png", "rgba"),
        ("b.webm", "libvpx-vp9", "yuva420p"),
        ("a.webm", "libvpx", "yuva420p"),
    ],
)
def test_what_is_transparent_is_white(tmp_path: Path, name: str, codec: str, pixels: str) -> None:
    options = {"auto-alt-ref": "0", "b": "2M"} if name.endswith("webm") else {}
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream(codec, rate=10, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, pixels
        if name.endswith("webm"):
            stream.metadata["alpha_mode"] = "1"
        for number in range(20):
            frame = av.VideoFrame.from_ndarray(disc(number), format="rgba")
            container.mux(stream.encode(frame.reformat(format=pixels)))
        container.mux(stream.encode())
    for time_s, number in ((0.5, 5), (1.5, 15)):
        [[shown]] = cut_frames(tmp_path / name, [[time_s]])
        assert (shown[:4] > 245).all()
        assert np.abs(shown[24, 20 + number].astype(int) - (220, 0, 0)).max() < 20
        assert shown[20:28, 20 + number - 10 : 20 + number + 10, 1].max() < 40  # no dark rim inside
    samples = list(sample_video(tmp_path / name, rgb_size=32, log=DecodingLog()))
    assert samples[0].gray[0].min() > 245
    assert samples[0].gray[18, 20] < 90


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_what_is_transparent_is_upright(tmp_path: Path, codec: str) -> None:
    """The decoder that reads transparency does not tell of turns."""
    clip = tmp_path / "a.webm"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream(codec, rate=10, options={"auto-alt-ref": "0", "b": "2M"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuva420p"
        stream.metadata["alpha_mode"] = "1"
        stream.set_display_rotation(90)
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(disc(0), format="rgba")
            container.mux(stream.encode(frame.reformat(format="yuva420p")))
        container.mux(stream.encode())
    [[shown]] = cut_frames(clip, [[0.5]])
    assert shown.shape == (64, 48, 3)
    wanted = np.where(disc(0)[..., 3:] > 0, disc(0)[..., :3], 255)
    assert np.abs(shown.astype(int) - np.rot90(wanted)).mean() < 8


def test_colours_that_no_one_else_reads_are_refused(tmp_path: Path) -> None:
    """The record of Dolby Vision's profile 5 in an MP4 (its ISO base media format, 3.1)."""
    clip = write_bars(tmp_path / "a.mp4", "libx265", SD, "ITU709", UNTAGGED)
    record = struct.pack(">BBHB19x", 1, 0, 5 << 9 | 6 << 3 | 0b101, 0)
    with_box(clip, b"hev1", b"dvcC", record)
    with (
        pytest.raises(UnknownColoursError, match=r"a\.mp4 is Dolby Vision of profile 5"),
        open_video(clip),
    ):
        pass


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_shown_as_light_as_sdr(tmp_path: Path, transfer: int) -> None:
    """Gray steps at reference white and below, against what BT.2408 has them be."""
    share = {16: 0.5807, 18: 0.75}[transfer]
    levels = [round((64 + 876 * share * part) * 64) for part in (1.0, 0.8, 0.5, 0.0)]
    luma = np.repeat(np.asarray(levels, np.uint16) // 64, 16)
    plane = np.broadcast_to(luma, (48, 64))
    flat = np.concatenate([plane.ravel(), np.full(2 * 24 * 32, 512, np.uint16)]).reshape(-1, 64)
    with av.open(str(tmp_path / "a.mp4"), "w") as container:
        stream = container.add_stream("libx265", rate=10, options={"crf": "4"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p10le"
        context = stream.codec_context
        context.color_primaries, context.color_trc, context.colorspace = 9, transfer, 9
        context.color_range = 1
        for _ in range(10):
            frame = av.VideoFrame.from_ndarray(flat.astype(np.uint16), format="yuv420p10le")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    [[shown]] = cut_frames(tmp_path / "a.mp4", [[0.5]])
    white, lit, dim, black = shown[24, 8::16].mean(axis=1)
    assert white == pytest.approx(231, abs=4)
    assert 231 > lit > dim > black
    assert black < 3
    assert np.ptp(shown[24, 8::16].astype(int), axis=1).max() <= 2
