"""Small generated videos, and where the shared ones are."""

import os
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

from thumbnailer.encode.parts.scheduling import scheduling_kept

Frame = NDArray[np.uint8]
ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("COVERLIFT_SHARED") or ROOT.parent / "shared")
needs_tvsum = pytest.mark.skipif(
    not (SHARED / "data/tvsum").is_dir(), reason="the shared TVSum data is not beside this checkout"
)


def shared_video(name: str) -> Path:
    path = SHARED / "data/videos" / name
    if not path.is_file():
        pytest.skip(f"shared/data/videos/{name} is not beside this checkout")
    return path


def scene(number: int, *, width: int = 64, height: int = 48) -> Callable[[int], Frame]:
    """A textured picture of its own, in which a bright square wanders."""
    rng = np.random.default_rng(number)
    colour = rng.integers(60, 200, 3)
    texture = rng.integers(-50, 50, (height // 8, width // 8, 3)).repeat(8, 0).repeat(8, 1)
    background = np.clip(colour + texture, 0, 255).astype(np.uint8)

    def picture(index: int) -> Frame:
        frame: Frame = background.copy()
        left = index % (width - 8)
        frame[8:16, left : left + 8] = 255
        return frame

    return picture


def scenes(seconds: Sequence[float], *, fps: int = 12) -> list[Frame]:
    """One scene for each length given."""
    return [
        scene(number)(index)
        for number, length_s in enumerate(seconds)
        for index in range(round(length_s * fps))
    ]


def dissolve(before: int, after: int, ticks: int) -> list[Frame]:
    """One scene turns into another, evenly, while squares wander in both."""
    shares = np.linspace(0, 1, ticks + 2)[1:-1]
    pictures = [(scene(before)(i), scene(after)(i)) for i in range(ticks)]
    return [
        ((1 - share) * old + share * new).astype(np.uint8)
        for share, (old, new) in zip(shares, pictures, strict=True)
    ]


def black(count: int) -> list[Frame]:
    return [np.zeros((48, 64, 3), np.uint8)] * count


def write_clip(
    path: Path,
    frames: Iterable[Frame],
    *,
    fps: int = 12,
    codec: str = "libx264",
    first_pts: int = 0,
    rotation: int = 0,
    gop: int = 12,
    aspect: Fraction | None = None,
) -> Path:
    frames = list(frames)
    height, width, _ = frames[0].shape
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps, options={"crf": "10", "bf": "0"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = width, height
        stream.pix_fmt = "yuvj420p" if codec == "mjpeg" else "yuv420p"
        stream.codec_context.gop_size = gop
        stream.time_base = Fraction(1, fps)
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        if rotation:
            stream.set_display_rotation(rotation)
        with scheduling_kept():
            container.start_encoding()
        for index, array in enumerate(frames):
            frame = av.VideoFrame.from_ndarray(array, format="rgb24")
            frame.pts, frame.time_base = first_pts + index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


VP8_START, VP8_HEIGHT_AT = bytes.fromhex("9d012a"), 5  # in the head of a keyframe (RFC 6386, 9.1)


def with_another_height(vp8: Path, path: Path) -> Path:
    """Write the clip with a changed bit, by which its first keyframe has 32 lines more or less."""
    content = bytearray(vp8.read_bytes())
    content[content.index(VP8_START) + VP8_HEIGHT_AT] ^= 1 << 5
    path.write_bytes(content)
    return path


def without_duration(source: Path, target: Path) -> Path:
    """Copy the packets as a live stream would be saved: the header does not say how long it is."""
    with av.open(str(source)) as old, av.open(str(target), "w", options={"live": "1"}) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return target


def coded(content: bytes, is_keyframe: bool = False) -> "av.Packet[VideoStream]":
    """Return a packet that holds this."""
    packet: av.Packet[VideoStream] = av.Packet(content)  # type: ignore[assignment]  # of no stream
    packet.is_keyframe = is_keyframe
    return packet
