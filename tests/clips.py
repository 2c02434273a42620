"""Writes small video files for tests."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

RATE_FPS = 10


def write_clip(path: Path, *, seconds: int, seed: int = 1) -> None:
    """Write a clip whose picture moves, and changes colour every two seconds."""
    rng = np.random.default_rng(seed)
    with av.open(str(path), "w") as container:
        codec = "libvpx" if path.suffix == ".webm" else "mpeg4"
        stream = container.add_stream(codec, rate=RATE_FPS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = 160, 120
        stream.time_base = Fraction(1, RATE_FPS)
        for number in range(seconds * RATE_FPS):
            picture = rng.integers(0, 60, (120, 160, 3), dtype=np.uint8)
            picture[20:100, number % 120 : number % 120 + 40] = 200
            picture[:, :, (number // 20 + seed) % 3] += 50
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
