"""Transitions between moving parts of the real clips, made by FFmpeg: how many are known.

A film's pictures are looked at twelve times a second, 64 x 36 gray, as in the decoding pass.
Printed is the share of those between a tenth and nine tenths of a transition that are kept from
shots, since they are amid one, dark or flat. The network that knows transitions has learned from
these clips: so one is trained here of each half of the clips, and tried on the other half.
"""

import subprocess
from collections import defaultdict
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.benchmarks.made_videos import needs_ffmpeg
from thumbnailer.training.transitions.__main__ import ENDINGS, EPOCHS, KNOWN, SEED, read_known_s
from thumbnailer.training.transitions.films import read_footage
from thumbnailer.training.transitions.fit import fit, lessons, save
from thumbnailer.video import transitions
from thumbnailer.video.colour_histogram import HISTOGRAM_DIM
from thumbnailer.video.fitness import faults
from thumbnailer.video.measures import FrameMeasures, measured
from thumbnailer.video.sampling import GRAY_HEIGHT, GRAY_WIDTH
from thumbnailer.video.ticks import TICKS_PER_S

pytestmark = [pytest.mark.benchmark, needs_ffmpeg]

# Seconds from which on there is no cut for 2.7 s, of two halves that have no film in common.
HALVES = [
    {
        "simpl_bike_ride.webm": [14.0, 22.0],
        "mdn_toys_concat_50s.mp4": [3.0, 24.0],
        "big_buck_bunny_60s.mp4": [20.0, 45.0],
    },
    {"tears_of_steel_battle.webm": [11.0, 35.0], "popcornjs_trailer.ogv": [17.0, 40.0]},
]
OF_SECOND_HALF = ("tears_of_steel", "popcornjs", "sintel", "caminandes", "nasa_sdo")
FILMS = 3500
KINDS = ["wipeleft", "wipetl", "slideleft", "slideup", "smoothleft", "diagtl", "vertopen", "radial",
         "fade", "fadeblack", "hlslice", "squeezeh"]  # fmt: skip
LENGTHS_S = [0.3, 0.5, 1.0]
BEGINS_S, PART_S, FRAMES_PER_S = 1.62, 2.7, 25
UNFIT = ["in a transition", "dark", "flat"]

Part = tuple[Path, float]


@pytest.fixture(scope="module", params=["as shipped", "of other clips"])
def learned(
    request: pytest.FixtureRequest, shared_videos: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    """The weights by which each half of the clips is looked at."""
    print(f"\nweights {request.param}:")
    if request.param == "as shipped":
        return [transitions.WEIGHTS] * 2
    folder, known_s = tmp_path_factory.mktemp("weights"), read_known_s(KNOWN)
    files = [folder / "0.npz", folder / "1.npz"]
    for half, file in enumerate(files):
        paths = [path for path in sorted(shared_videos.glob("*")) if path.suffix in ENDINGS]
        others = [path for path in paths if path.name.startswith(OF_SECOND_HALF) == (half == 0)]
        footage = [read_footage(path, known_s[path.name]) for path in others]
        save(fit(lessons(footage, FILMS, SEED), EPOCHS, SEED), file)
    return files


def _pairs_and_weights(
    videos: Path, learned: list[Path], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Part, Part]]:
    """Yield each part with the next of its half, of its own clip or another."""
    for half, file in zip(HALVES, learned, strict=True):
        monkeypatch.setattr(transitions, "WEIGHTS", file)
        transitions._weights.cache_clear()
        parts = [(videos / name, start) for name in half for start in half[name]]
        yield from zip(parts, [*parts[1:], parts[0]], strict=True)
    transitions._weights.cache_clear()


def test_how_many_transitions_between_scenes_that_move_are_known(
    shared_videos: Path, learned: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    known: dict[tuple[str, float], list[float]] = defaultdict(list)
    pairs = _pairs_and_weights(shared_videos, learned, monkeypatch)
    for number, (one, other) in enumerate(pairs):
        for kind, length_s in product(KINDS[number % 3 :: 3], LENGTHS_S):
            pictures = _film(one, other, f"xfade={kind}:duration={length_s}:offset={BEGINS_S}")
            moments_s = np.arange(len(pictures)) / TICKS_PER_S + 0.5 / TICKS_PER_S
            done = (moments_s - BEGINS_S) / length_s
            known[kind, length_s].append(
                float(_unfit(pictures)[(done > 0.1) & (done < 0.9)].mean())
            )
    print("share of mixed pictures that are kept from shots:", *LENGTHS_S, "s")
    for kind in KINDS:
        print(f"  {kind:12}", *(f"{np.mean(known[kind, length_s]):6.2f}" for length_s in LENGTHS_S))
    for length_s in LENGTHS_S:
        mean = np.mean([share for kind in KINDS for share in known[kind, length_s]])
        print(f"  all of {length_s} s: {mean:.2f}")


def test_how_many_cuts_between_the_same_scenes_are_called_transitions(
    shared_videos: Path, learned: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    join = f"trim=end={BEGINS_S}[x];[x][b]concat"
    pairs = _pairs_and_weights(shared_videos, learned, monkeypatch)
    called = [_unfit(_film(one, other, join))[16:24].any() for one, other in pairs]
    print(f"cuts called transitions: {sum(called)} of {len(called)}")


def _film(one: Part, other: Part, mix: str) -> NDArray[np.uint8]:
    """Return (T, 36, 64) what the decoding pass would see of one part that turns into another."""
    inputs = [word for path, start in (one, other)
              for word in ("-ss", str(start), "-t", str(PART_S), "-i", str(path))]  # fmt: skip
    like = f"scale=160:90:flags=area,fps={FRAMES_PER_S},settb=AVTB,setsar=1,format=yuv420p"
    graph = f"[0:v]{like}[a];[1:v]{like}[b];"
    graph += ("[a][b]" if mix.startswith("xfade") else "[a]") + mix
    shrink = f",scale={GRAY_WIDTH}:{GRAY_HEIGHT}:flags=area,format=gray"
    command = ["ffmpeg", "-v", "error", "-threads", "1", *inputs, "-filter_complex", graph + shrink]
    command += ["-f", "rawvideo", "-"]
    content = subprocess.run(command, check=True, capture_output=True).stdout
    frames = np.frombuffer(content, np.uint8).reshape(-1, GRAY_HEIGHT, GRAY_WIDTH)
    ticks = np.arange(len(frames) * TICKS_PER_S // FRAMES_PER_S)
    return np.asarray(frames[((ticks + 0.5) * FRAMES_PER_S / TICKS_PER_S + 1e-6).astype(int)])


def _unfit(pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    numbers = np.column_stack([measured(pictures), np.zeros(len(pictures), np.float32)])
    histograms = np.zeros((len(pictures), HISTOGRAM_DIM), np.uint8)
    degrees = faults(FrameMeasures.of(numbers, histograms))
    return np.asarray(np.stack([degrees[name] > 0 for name in UNFIT]).any(axis=0))
