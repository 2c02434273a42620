"""Our GIF against gifsicle's at its best, by measures that our encoder is not tuned by.

Of each shot its middle frame is judged. A rival's bytes are compared with those of our GIF that
has the same score, read between the qualities at which ours was made.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from statistics import mean, median

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.cut_clips import DELAY_CS, FRAMES_PER_SHOT, cut_clips
from tests.benchmarks.rival_encoders import Frames, gifsicle
from tests.thumbnailer.encode.likeness import frames_on_screen
from thumbnailer.encode.gif.encoder import GIF
from thumbnailer.encode.parts.footage import Footage

pytestmark = pytest.mark.benchmark

QUALITIES = (5, 20, 35, 50, 65, 80, 95)
PALETTES, DITHERS = ("full", "diff", "single"), ("none", "bayer", "sierra2_4a", "floyd_steinberg")
RIVALS = [gifsicle(40, *each) for each in product(PALETTES, DITHERS)]

Score = Callable[[Path, Path], float]  # of an original picture and what is shown; higher is better


@dataclass(frozen=True)
class Judge:
    """A measure of likeness; ``find`` skips the test where it is not installed."""

    name: str
    find: Callable[[], Score]


def ssimulacra2() -> Score:
    """SSIMULACRA2 by the package of that name, 0.3.0 on PyPI."""
    package = pytest.importorskip("ssimulacra2", reason="the package ssimulacra2 is not installed")
    score: Score = package.compute_ssimulacra2
    return score


def butteraugli() -> Score:
    """Butteraugli's largest distance, by the program of Debian's libjxl-devtools."""
    if shutil.which("butteraugli_main") is None:
        pytest.skip("butteraugli_main is not installed")

    def score(original: Path, shown: Path) -> float:
        command = ["butteraugli_main", str(original), str(shown)]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return -float(said.split()[0])

    return score


@pytest.mark.parametrize(
    "judge",
    [Judge("SSIMULACRA2", ssimulacra2), Judge("Butteraugli", butteraugli)],
    ids=lambda judge: judge.name,
)
def test_own_gif_against_gifsicle_at_its_best(
    judge: Judge, shared_videos: Path, tmp_path: Path
) -> None:
    score = judge.find()
    for rival in RIVALS:
        rival.skip_if_absent()
    print(f"\nour bytes / gifsicle's at its {judge.name}, by its palettes and dithers")
    by_rival: dict[str, list[float]] = {rival.name: [] for rival in RIVALS}
    for name, frames in cut_clips(shared_videos):
        sizes, scores = _own(frames, score, tmp_path)
        for rival in RIVALS:
            content, _ = rival.encode(frames, tmp_path)
            wanted = _mean_score(content, frames, score, tmp_path)
            size = np.exp(np.interp(wanted, scores, np.log(sizes)))
            by_rival[rival.name].append(float(size) / len(content))
        latest = {name: ratios[-1] for name, ratios in by_rival.items()}
        strongest = max(latest, key=latest.__getitem__)
        print(f"  {name:32} {latest[strongest]:.2f} by {strongest}", flush=True)
    for rival_name, ratios in by_rival.items():
        print(f"  {rival_name:48} median {median(ratios):.2f}, worst {max(ratios):.2f}")
    strongest_of_each = [max(ratios) for ratios in zip(*by_rival.values(), strict=True)]
    print(f"  by its best of each clip: median {median(strongest_of_each):.2f}")
    assert median(strongest_of_each) < 1


def _own(frames: Frames, score: Score, folder: Path) -> tuple[list[int], list[float]]:
    """Return sizes and scores of our GIF, from the lowest quality on; scores never fall."""
    sizes, scores = [], []
    for quality in QUALITIES:
        content = GIF.encode(Footage(frames), DELAY_CS, quality)
        sizes.append(len(content))
        scores.append(_mean_score(content, frames, score, folder))
    return sizes, np.maximum.accumulate(scores).tolist()


def _mean_score(content: bytes, frames: Frames, score: Score, folder: Path) -> float:
    """Return the mean score of the middle frames of the shots."""
    shown = frames_on_screen(content, len(frames), DELAY_CS)
    original, seen = folder / "original.png", folder / "shown.png"
    scores = []
    for number in range(FRAMES_PER_SHOT // 2, len(frames), FRAMES_PER_SHOT):
        Image.fromarray(frames[number]).save(original)
        Image.fromarray(shown[number]).save(seen)
        scores.append(score(original, seen))
    return mean(scores)
