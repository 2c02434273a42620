"""CPU time from a file to its thumbnails, against bare decoding by the `ffmpeg` program.

CPU times of other programs on the same cores move these ratios by a tenth: each is the median of
three pairs, taken one after the other.
"""

import gc
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.benchmarks.made_videos import enlarged, ffmpeg_null_s, needs_ffmpeg
from tests.thumbnailer.clips import scenes, write_clip
from thumbnailer.choose import choose
from thumbnailer.encode.formats import compile_encoders
from thumbnailer.encode.renditions import render, render_all
from thumbnailer.encode.settings import DEFAULT, EncoderSettings
from thumbnailer.errors import VideoError
from thumbnailer.features.analysis import analyse
from thumbnailer.features.efficientnet_lite import MANIFEST, default_extractor
from thumbnailer.features.picture_cues import load_networks
from thumbnailer.results import Wanted
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.sampling import sample_video

pytestmark = [pytest.mark.benchmark, needs_ffmpeg]

PAIRS = 3
ONCE = EncoderSettings(wide=())  # 320 x 180 alone
WITHOUT_MP4 = [name for name in DEFAULT.digests if name != "mp4"]


class NoBackbone:
    """Takes frames and gives features of noise, so that all but the network is measured."""

    manifest = MANIFEST

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def extract(self, clips: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self._rng.random((len(clips), MANIFEST.dimension), dtype=np.float32)


@pytest.fixture(scope="module")
def film(shared_videos: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five minutes of 720p."""
    target = tmp_path_factory.mktemp("film") / "five_minutes_720p.mp4"
    return enlarged(shared_videos / "big_buck_bunny_60s.mp4", target, height=720, repeats=5)


def decode(path: Path) -> None:
    for _ in sample_video(path, rgb_size=224, log=DecodingLog()):
        pass


def all_but_the_backbone(path: Path) -> None:
    chosen = choose(analyse(path, NoBackbone()), "gevaden")
    render(path, chosen.starts_s, chosen.shot_length_s, WITHOUT_MP4)


def ratio(path: Path, work: Callable[[Path], None]) -> float:
    ratios = []
    for _ in range(PAIRS):
        bare_s = ffmpeg_null_s(path)
        begun_s = time.process_time()
        work(path)
        ratios.append((time.process_time() - begun_s) / bare_s)
    print(
        f"  {path.name:34} {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})",
        flush=True,
    )
    return median(ratios)


def test_decoding_to_the_networks_input(film: Path, shared_videos: Path) -> None:
    print("\ndecoding to 224 x 224 and gray, against ffmpeg -f null")
    ratio(film, decode)
    clips = [ratio(path, decode) for path in sorted(shared_videos.iterdir())]
    print(f"  median of the clips {median(clips):.2f}")


def test_everything_but_the_backbone(film: Path, tmp_path: Path) -> None:
    torch.set_num_threads(1)
    warm = write_clip(tmp_path / "warm.mp4", scenes([5]))
    all_but_the_backbone(warm)
    print("\ndecode, measure, select, cut and encode GIF, WebP and AVIF, against ffmpeg -f null")
    ratio(film, all_but_the_backbone)


def test_steps_of_one_video(film: Path) -> None:
    """Where the time of the five minutes goes, per second of video."""
    torch.set_num_threads(1)
    length_s = 300.0
    begun_s = time.process_time()
    decode(film)
    decoded_s = time.process_time()
    video = analyse(film, default_extractor())
    analysed_s = time.process_time()
    chosen = choose(video, "gevaden")
    selected_s = time.process_time()
    render(film, chosen.starts_s, chosen.shot_length_s)
    rendered_s = time.process_time()
    print("\nCPU ms a second of video: decoding alone", end=" ")
    print(f"{1000 * (decoded_s - begun_s) / length_s:.1f}, with measures and network", end=" ")
    print(f"{1000 * (analysed_s - decoded_s) / length_s:.1f}")
    print(f"CPU s a video: select {selected_s - analysed_s:.2f}", end=", ")
    print(f"cut and encode four formats {rendered_s - selected_s:.2f}")


@pytest.mark.parametrize("with_cues", [False, True], ids=["alone", "with_cues"])
def test_videos_an_hour(shared_videos: Path, with_cues: bool) -> None:
    """End to end on one core: the pilot's three thumbnails of every real clip, in all formats.

    None of the three reads faces and lettering, which are looked for where a site has `appeal`.
    Bare decoding of the same clips in the same run is what later runs can be held beside.
    """
    torch.set_num_threads(1)
    default_extractor()
    compile_encoders()
    load_networks()
    # Of VP8: its reader is compiled in 20 s by the first step that meets one.
    analyse(shared_videos / "big_buck_bunny_trailer.webm", NoBackbone(), with_cues=False)
    gc.freeze()  # as the server does before steps are forked from it
    bare_s = sum(ffmpeg_null_s(path) for path in sorted(shared_videos.iterdir()))
    begun_s, count, length_s = time.process_time(), 0, 0.0
    for path in sorted(shared_videos.iterdir()):
        try:
            video = analyse(path, default_extractor(), with_cues=with_cues)
        except VideoError as error:
            print(f"left out: {error}")
            continue
        chosen = [choose(video, name) for name in ("raw", "re_seq2seq", "gevaden")]
        wanted = [Wanted(each.starts_s, each.shot_length_s, tuple(ONCE.digests)) for each in chosen]
        render_all(path, wanted, part=video.part, settings=ONCE)
        count, length_s = count + 1, length_s + video.frames.duration_s
    cpu_s = time.process_time() - begun_s
    print(f"\n{count} clips, {length_s:.0f} s: {cpu_s:.0f} s of one core", end=", ")
    print(f"{cpu_s / count:.1f} a clip, {length_s / cpu_s:.1f} s of video a second of one core")
    print(f"{3600 * count / cpu_s:.0f} such clips an hour of one core; ", end="")
    print(f"{cpu_s / bare_s:.2f} times bare decoding, {bare_s:.1f} s")
