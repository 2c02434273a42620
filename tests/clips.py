"""Clips for tests of the site, whose pictures are of no concern."""

from pathlib import Path

import numpy as np

from tests.thumbnailer import clips

RATE_FPS = 10


def write_clip(path: Path, *, seconds: int, seed: int = 1) -> None:
    """Write a clip whose picture moves, and changes colour every two seconds."""
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, 60, (seconds * RATE_FPS, 120, 160, 3), dtype=np.uint8)
    for number, picture in enumerate(frames):
        picture[20:100, number % 120 : number % 120 + 40] = 200
        picture[:, :, (number // 20 + seed) % 3] += 50
    codec = "libvpx" if path.suffix == ".webm" else "mpeg4"
    clips.write_clip(path, frames, fps=RATE_FPS, codec=codec)
