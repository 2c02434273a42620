"""Files made to harm: each function writes one and returns its path."""

import struct
import wave
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from tests.thumbnailer.clips import scenes, write_clip

KEY = "76a6c65c5ea762046bd749a2e632ccbb"


def _box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def streams(path: Path, count: int) -> Path:
    """An MP4 whose header holds so many tracks."""
    brand = _box(b"ftyp", b"isom\0\0\2\0isomiso2")
    path.write_bytes(brand + _box(b"moov", _box(b"mvhd", bytes(100)), _box(b"trak") * count))
    return path


def huge_picture(path: Path, side: int = 16_000) -> Path:
    """A GIF of as many times as many pixels in 40 bytes."""
    screen = struct.pack("<HHBBB", side, side, 0x80, 0, 0) + bytes(6)
    picture = b"," + struct.pack("<HHHHB", 0, 0, side, side, 0) + b"\x02\x02\x44\x01\x00"
    path.write_bytes(b"GIF89a" + screen + picture + b";")
    return path


def ten_hours(path: Path) -> Path:
    """Two frames, ten hours apart."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12, options={"bf": "0"})
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number, picture in enumerate(scenes([2 / 12])):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number * 36_000, Fraction(1)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def encrypted(path: Path, codec: str = "libx264") -> Path:
    """An MP4 under common encryption (ISO/IEC 23001-7), its key kept back."""
    plain = write_clip(path.with_suffix(".plain.mp4"), scenes([2]), codec=codec)
    options = {
        "encryption_scheme": "cenc-aes-ctr",
        "encryption_key": KEY,
        "encryption_kid": "a7e61c373e219033c21091fa607bf3b8",
    }
    with av.open(str(plain)) as old, av.open(str(path), "w", options=options) as new:
        stream = new.add_stream_from_template(old.streams.video[0])
        for packet in old.demux(old.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                new.mux(packet)
    return path


def sound_alone(path: Path) -> Path:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16000))
    return path


def half_a_header(path: Path) -> Path:
    """An MP4 that breaks off: its index, which comes last, is missing."""
    whole = write_clip(path, scenes([2])).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def no_frames(path: Path) -> Path:
    """A Matroska file that ends with its header."""
    whole = write_clip(path, scenes([1])).read_bytes()
    path.write_bytes(whole[: whole.index(b"\x1f\x43\xb6\x75") + 12])
    return path
