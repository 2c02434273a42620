"""Our GIF against gifsicle's and gifski's best, by measures that our encoder is not tuned by.

Of each shot its middle frame is judged. A rival's bytes are compared with those of our GIF that
has the same score, read between the qualities at which ours was made. Each clip is a test of its
own, so that a run can be taken up again (-k CLIP).
"""

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from itertools import product
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from PIL import Image

from tests.benchmarks.cut_clips import DELAY_CS, FRAMES_PER_SHOT, cut_clip
from tests.benchmarks.rival_encoders import Frames, Rival, gifsicle, gifski
from tests.thumbnailer.clips import SHARED
from tests.thumbnailer.encode.likeness import frames_on_screen
from thumbnailer.encode.gif.encoder import GIF
from thumbnailer.encode.parts.footage import Footage

pytestmark = pytest.mark.benchmark

QUALITIES = (5, 20, 35, 50, 65, 80, 95)
PALETTES, DITHERS = ("full", "diff", "single"), ("none", "bayer", "sierra2_4a", "floyd_steinberg")
GIFSICLE = tuple(gifsicle(40, *each) for each in product(PALETTES, DITHERS))
GIFSKI = gifski(60), gifski(75)
CLIPS = sorted((SHARED / "data/videos").glob("*.*"))

MOST = 1.05  # of their bytes on any clip; at the median far less

Score = Callable[[Path, Path], float]  # of an original picture and what is shown; higher is better


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


@pytest.mark.parametrize("judge", [ssimulacra2, butteraugli], ids=lambda judge: judge.__name__)
@pytest.mark.parametrize("rivals", [GIFSICLE, GIFSKI], ids=["gifsicle", "gifski"])
@pytest.mark.parametrize("clip", CLIPS, ids=lambda path: path.stem)
def test_own_gif_against_others_at_their_best(
    clip: Path, rivals: tuple[Rival, ...], judge: Callable[[], Score], tmp_path: Path
) -> None:
    score = judge()
    for rival in rivals:
        rival.skip_if_absent()
    frames, own = _own(clip)
    scores = np.maximum.accumulate([_mean_score(each, frames, score, tmp_path) for each in own])
    log_sizes = np.log([len(each) for each in own])
    ratios = {}
    for name, content in _theirs(clip, rivals).items():
        wanted = _mean_score(content, frames, score, tmp_path)
        ratios[name] = float(np.exp(np.interp(wanted, scores, log_sizes))) / len(content)
    strongest = max(ratios, key=ratios.__getitem__)
    print(
        f"\n{clip.stem}, {judge.__name__}: our bytes are {ratios[strongest]:.2f} of {strongest}'s"
    )
    print(", ".join(f"{name} {ratio:.2f}" for name, ratio in ratios.items()), flush=True)
    assert ratios[strongest] < MOST


@cache
def _own(clip: Path) -> tuple[Frames, list[bytes]]:
    """Return a clip's frames, and our GIFs from the lowest quality on."""
    frames = cut_clip(clip)
    return frames, [GIF.encode(Footage(frames), DELAY_CS, quality) for quality in QUALITIES]


@cache
def _theirs(clip: Path, rivals: tuple[Rival, ...]) -> dict[str, bytes]:
    """Return each rival's GIF of a clip."""
    frames, _ = _own(clip)
    with TemporaryDirectory() as folder:
        return {rival.name: rival.encode(frames, Path(folder))[0] for rival in rivals}


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
