"""Bytes and CPU time of the animated formats at equal SSIM, on cuts of real clips.

A median is that over the clips of the ratio on each clip.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import pytest

from tests.benchmarks.cut_clips import DELAY_CS, cut_clips
from tests.benchmarks.rival_encoders import Frames, Rival, gifsicle, gifski
from tests.thumbnailer.encode.likeness import frames_on_screen, ssim
from thumbnailer.encode.avif import AVIF
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.gif.encoder import GIF, encode_gif
from thumbnailer.encode.mp4 import MP4
from thumbnailer.encode.parts.animation import AnimationFormat
from thumbnailer.encode.parts.footage import Footage
from thumbnailer.encode.webp.encoder import WEBP

pytestmark = pytest.mark.benchmark

RIVALS = [gifsicle(40), gifsicle(120), gifski(60), gifski(75)]


@dataclass(frozen=True, slots=True)
class Made:
    """One file: its size, its likeness and the CPU time it took."""

    size: int
    ssim: float
    psnr_db: float
    cpu_s: float


@dataclass
class Clip:
    """A cut of one video, and what was made of it so far."""

    name: str
    frames: Frames
    made: dict[tuple[str, int], Made] = field(default_factory=dict)

    def make(self, image_format: AnimationFormat, quality: int) -> Made:
        key = (image_format.name, quality)
        if key not in self.made:
            begun_s = time.process_time()
            content = image_format.encode(Footage(self.frames), DELAY_CS, quality)
            cpu_s = time.process_time() - begun_s
            self.made[key] = self.measure(content, cpu_s)
        return self.made[key]

    def measure(self, content: bytes, cpu_s: float) -> Made:
        count, height, width, _ = self.frames.shape
        shown = frames_on_screen(content, count, DELAY_CS)[:, :height, :width]
        squared = np.mean((shown.astype(np.float32) - self.frames) ** 2)
        psnr_db = 10 * np.log10(255**2 / float(squared))
        return Made(len(content), ssim(self.frames, shown), float(psnr_db), cpu_s)

    def at_least_as_like(self, image_format: AnimationFormat, wanted: float) -> Made:
        """Return the file of the lowest quality found that reaches this SSIM, or of quality 100."""
        low, high = -1, 100
        while high - low > 1:
            middle = (low + high) // 2
            reaches = self.make(image_format, middle).ssim >= wanted
            low, high = (low, middle) if reaches else (middle, high)
        return self.make(image_format, high)


@pytest.fixture(scope="module")
def clips(shared_videos: Path) -> list[Clip]:
    clips = [Clip(*each) for each in cut_clips(shared_videos)]
    assert len(clips) >= 10
    for image_format in FORMATS.values():  # compiles, so that no clip pays for it
        image_format.encode(Footage(clips[0].frames[:2]), DELAY_CS, 50)
    return clips


@pytest.mark.parametrize("rival", RIVALS, ids=[rival.name for rival in RIVALS])
def test_own_gif_at_the_ssim_of_another_encoder(
    rival: Rival, clips: list[Clip], tmp_path: Path
) -> None:
    rival.skip_if_absent()
    print(f"\n{rival.name:34} KB    SSIM   PSNR  CPU s | own: KB  SSIM   PSNR  CPU s | bytes  CPU")
    sizes, times = [], []
    for clip in clips:
        content, cpu_s = rival.encode(clip.frames, tmp_path)
        theirs = clip.measure(content, cpu_s)
        own = clip.at_least_as_like(GIF, theirs.ssim)
        sizes.append(own.size / theirs.size)
        times.append(own.cpu_s / theirs.cpu_s)
        print(f"{clip.name:32} {_row(theirs)} | {_row(own)} | {sizes[-1]:.2f}  {times[-1]:.2f}")
    print(f"median bytes {median(sizes):.3f} (worst {max(sizes):.2f}), CPU {median(times):.2f}")
    assert median(sizes) <= 0.85


def test_default_settings(clips: list[Clip]) -> None:
    for image_format in FORMATS.values():
        made = [clip.make(image_format, image_format.default_quality) for clip in clips]
        sizes = [each.size / 1000 for each in made]
        print(
            f"\n{image_format.name}: median {median(sizes):.0f} KB, largest {max(sizes):.0f} KB, "
            f"SSIM {median(each.ssim for each in made):.4f}, "
            f"PSNR {median(each.psnr_db for each in made):.1f} dB, "
            f"CPU {median(each.cpu_s for each in made):.3f} s"
        )
        assert median(sizes) < image_format.budget_bytes / 1000


@pytest.mark.parametrize("gif_quality", [GIF.default_quality, 85])
@pytest.mark.parametrize("image_format", [WEBP, AVIF, MP4], ids=["webp", "avif", "mp4"])
def test_other_formats_at_the_ssim_of_the_own_gif(
    image_format: AnimationFormat, gif_quality: int, clips: list[Clip]
) -> None:
    print(f"\nGIF at quality {gif_quality:<20} KB    SSIM   PSNR  CPU s | {image_format.name}")
    sizes, times, unreached = [], [], 0
    for clip in clips:
        gif = clip.make(GIF, gif_quality)
        other = clip.at_least_as_like(image_format, gif.ssim)
        unreached += other.ssim < gif.ssim
        sizes.append(other.size / gif.size)
        times.append(other.cpu_s / gif.cpu_s)
        print(f"{clip.name:32} {_row(gif)} | {_row(other)} | {sizes[-1]:.2f}  {times[-1]:.2f}")
    print(f"median bytes {median(sizes):.3f} (worst {max(sizes):.2f}), CPU {median(times):.2f}")
    print(f"clips on which this SSIM was not reached: {unreached}")
    assert median(sizes) < 1


def test_pillow_and_our_encoder_agree_on_what_is_shown(clips: list[Clip]) -> None:
    for clip in clips:
        gif = encode_gif(Footage(clip.frames), delay_cs=DELAY_CS)
        shown = frames_on_screen(gif.content, len(clip.frames), DELAY_CS)
        np.testing.assert_array_equal(shown, gif.shown)


def _row(made: Made) -> str:
    return f"{made.size / 1000:6.0f}  {made.ssim:.4f}  {made.psnr_db:5.1f}  {made.cpu_s:5.2f}"
