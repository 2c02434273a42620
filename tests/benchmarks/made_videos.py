"""Long videos for benchmarks, made of a real clip by the `ffmpeg` program, and its own times."""

import resource
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def enlarged(
    source: Path, target: Path, *, height: int, repeats: int = 1, codec: str = "libx264"
) -> Path:
    """Encode the clip at this height, 16:9, as many times as told; its sound is left out."""
    width = height * 16 // 9
    once = target.with_suffix(".once.mp4")
    size = ["-vf", f"scale={width}:{height}", "-c:v", codec, "-preset", "veryfast"]
    _run(["ffmpeg", "-y", "-v", "error", "-i", str(source), "-an", *size, str(once)])
    loop = ["-stream_loop", str(repeats - 1), "-i", str(once), "-c", "copy", str(target)]
    _run(["ffmpeg", "-y", "-v", "error", *loop])
    once.unlink()
    return target


def joined(sources: Sequence[Path], target: Path) -> Path:
    """H.264 of 320 x 180 and 25 frames a second, one source after the other; no sound."""
    inputs = [word for source in sources for word in ("-i", str(source))]
    shape = "fps=25,scale=320:180,setsar=1,format=yuv420p"
    parts = "".join(f"[{number}:v:0]{shape}[{number}];" for number in range(len(sources)))
    names = "".join(f"[{number}]" for number in range(len(sources)))
    chain = f"{parts}{names}concat=n={len(sources)}"
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-an", str(target)]
    _run(["ffmpeg", "-y", "-v", "error", *inputs, "-filter_complex", chain, *encoder])
    return target


def short_videos(source: Path, folder: Path, *, count: int) -> int:
    """Cut that many clips of 3 to 6 s, all different, at 160 x 90; return how many there are."""
    small = folder.parent / "small.mp4"
    size = ["-vf", "scale=160:90", "-c:v", "libx264", "-preset", "veryfast", "-g", "1"]
    _run(["ffmpeg", "-y", "-v", "error", "-i", str(source), "-an", *size, str(small)])
    for number in range(count):
        span = ["-ss", f"{number % 500 / 10:.1f}", "-t", str(3 + number // 500 % 4)]
        target = folder / f"clip_{number:05}.mp4"
        copy = ["-c", "copy", "-metadata", f"comment={number}", str(target)]
        _run(["ffmpeg", "-y", "-v", "error", *span, "-i", str(small), *copy])
    return count


def ffmpeg_null_s(path: Path) -> float:
    """CPU seconds of bare decoding by one thread of the `ffmpeg` program."""
    source = ["-threads", "1", "-i", str(path), "-map", "0:v:0"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    _run(["ffmpeg", "-v", "quiet", *source, "-f", "null", "-"])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
