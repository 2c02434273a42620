"""Selectors beside each other, by a rule that was set before their thumbnails were looked at."""

import numpy as np
import pytest

from tests.benchmarks.films import films
from thumbnailer.choose import choose
from thumbnailer.features.analysis import Analysis
from thumbnailer.registry import load_selector
from thumbnailer.selection.appeal import Appeal
from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.parts.distinctness import distinctness
from thumbnailer.settings import EQUAL_CUES
from thumbnailer.video.fitness import names_of_faults
from thumbnailer.video.shots import eligible_shots
from thumbnailer.video.ticks import TICKS_PER_S

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("one_thread")]

SELECTORS = (
    "appeal",
    "shot_scorer",
    "gevaden",
    "re_seq2seq",
    "ranknet",
    "hecate",
    "beautthumb",
    "uniform",
)
NEAR_S = 5
LETTERED = 0.005  # of the picture: found in 35 of 40 seconds with lettering, 4 of 435 others


@pytest.mark.parametrize("name", SELECTORS)
def test_a_selector(name: str) -> None:
    rows = [measured(video, name) for video in films().values()]
    poor, unlike, near, cue, face = np.mean(rows, axis=0)
    print(f"{len(rows)} films, {name}: poor or lettered {poor:.0%} of shots, distinctness")
    print(f"{unlike:.2f}, near in {near:.0%}, rank by cues {cue:.2f}, a face in {face:.0%}")


def measured(video: Analysis, name: str) -> list[float]:
    """Return how poor its shots are, how unlike, whether near, how high by cues, how many faces."""
    own = load_selector("appeal")
    assert isinstance(own, Appeal)
    starts_s = np.asarray(choose(video, name).starts_s, np.int64)
    eligible = eligible_shots(video.frames)
    seen = video.faces, video.lettering
    table = ShotTable(video.features, eligible, video.frames, 1, EQUAL_CUES, *seen)
    cues = own.cues(table)[np.searchsorted(eligible, starts_s)]
    lettered = video.lettering[starts_s] > LETTERED
    shots = [slice(TICKS_PER_S * second, TICKS_PER_S * (second + 1)) for second in starts_s]
    faults = [bool(names_of_faults(video.frames, ticks)) for ticks in shots]
    unlike = distinctness(video.features, starts_s.tolist())
    assert unlike is not None
    near = np.diff(np.sort(starts_s)).min() < NEAR_S
    faces = (video.faces[starts_s] > 0).mean()
    return [
        float(np.mean(faults | lettered)),
        unlike,
        float(near),
        float(cues[:, 1:].mean()),
        float(faces),
    ]
