"""Other people's GIF encoders, run as programs, with the CPU time they took."""

import resource
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

Frames = NDArray[np.uint8]
FPS = "12.5"


@dataclass(frozen=True, slots=True)
class Rival:
    """One program at one setting; ``encode`` takes frames and an empty folder."""

    name: str
    programs: tuple[str, ...]
    encode: Callable[[Frames, Path], tuple[bytes, float]]

    def skip_if_absent(self) -> None:
        for program in self.programs:
            if shutil.which(program) is None:
                pytest.skip(f"{program} is not installed")


def gifsicle(lossy: int, palette: str = "full", dither: str = "none") -> Rival:
    """A palette and a dither by FFmpeg; then gifsicle.

    Args:
        lossy: gifsicle's own measure, 0 for none.
        palette: "full" for one of all frames, "diff" for one of what changes, "single" for one a
            frame.
        dither: one of FFmpeg's paletteuse, or "none".
    """

    def encode(frames: Frames, folder: Path) -> tuple[bytes, float]:
        plain = folder / "plain.gif"
        first = _run_s([*_palettegen(frames, palette, dither), str(plain)], frames.tobytes())
        small = folder / "small.gif"
        options = ["-O3", f"--lossy={lossy}", str(plain), "-o", str(small)]
        second = _run_s(["gifsicle", *options])
        return small.read_bytes(), first + second

    name = f"gifsicle -O3 --lossy={lossy} {palette} {dither}"
    return Rival(name, ("ffmpeg", "gifsicle"), encode)


def gifski(quality: int) -> Rival:
    """Frames as uncompressed PNGs, so that reading them costs next to nothing."""

    def encode(frames: Frames, folder: Path) -> tuple[bytes, float]:
        names = [str(folder / f"{number:03}.png") for number in range(len(frames))]
        for name, frame in zip(names, frames, strict=True):
            Image.fromarray(frame).save(name, compress_level=0)
        file = folder / "gifski.gif"
        size = ["--width", str(frames.shape[2]), "--height", str(frames.shape[1])]
        options = ["--quiet", "--fps", FPS, "-Q", str(quality), *size, "-o", str(file)]
        cpu_s = _run_s(["gifski", *options, *names])
        return file.read_bytes(), cpu_s

    return Rival(f"gifski -Q {quality}", ("gifski",), encode)


def _palettegen(frames: Frames, palette: str, dither: str) -> list[str]:
    size = f"{frames.shape[2]}x{frames.shape[1]}"
    source = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", FPS, "-i", "-"]
    use = f"dither={dither}:new={int(palette == 'single')}"
    graph = f"split[a][b];[a]palettegen=stats_mode={palette}[p];[b][p]paletteuse={use}"
    return ["ffmpeg", "-y", "-v", "error", "-threads", "1", *source, "-lavfi", graph]


def _run_s(command: list[str], given: bytes | None = None) -> float:
    """Run; return the CPU seconds of the program and its threads."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, input=given, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
