"""What each rule costs of the processor, with the product as it runs.

On five minutes of 720p, one thumbnail by our own selector; and on the real clips, three each.
Functions are timed by Python's profiler, which itself takes a little of each call.
"""

import cProfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.benchmarks.made_videos import enlarged, needs_ffmpeg
from tests.thumbnailer.clips import coded
from thumbnailer.choose import choose
from thumbnailer.encode.formats import compile_encoders
from thumbnailer.encode.renditions import render_all
from thumbnailer.encode.settings import DEFAULT
from thumbnailer.features.analysis import analyse
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.results import Wanted
from thumbnailer.video.reading import Extent
from thumbnailer.video.vp8.frame import HEAD_BYTES, Vp8Reader

pytestmark = [pytest.mark.benchmark, needs_ffmpeg, pytest.mark.usefixtures("one_thread")]

LENGTH_S = 300
# What it is -> the modules' functions that do it, with all that they call.
RULES = {
    "decode": ["<method 'decode' of 'av.codec.context.CodecContext' objects>"],
    "scale, turn, colours": ["scale.__call__"],
    "which way up, crops, eyes": ["container.picture", "picture.kind", "picture.part"],
    "clock": ["clock.time_s"],
    "colours that cannot be shown": ["colour_space.check_colours"],
    "damage": ["damage.listening", "damage.errors", "damage._is_spoilt"],
    "ends of packets": ["decode._is_whole"],
    "bars and active area": ["active_area.add", "active_area.area", "active_area.part"],
    "gray pictures kept for measures": ["gray_film.add", "gray_film._unpacked"],
    "measures inside the bars": ["measures.measured", "measures._looked_at"],
    "- of which dissolves, fades, wipes": [
        "transitions.descriptions",
        "transitions.patterns",
        "transitions.chances",
    ],
    "- of which edges": [
        "edge_change_ratio.gradient",
        "edge_change_ratio.edge_maps",
        "edge_change_ratio.edge_change_ratios",
    ],
    "colour histograms": ["colour_histogram.colour_histogram"],
    "faces": ["picture_cues.largest_faces"],
    "text": ["picture_cues.lettering"],
    "network": ["efficientnet_lite.extract"],
    "choose, by our own selector": ["choose.choose"],
    "- of which dark, flat, blurred, cuts": ["shots.eligible_shots", "fitness.names_of_faults"],
    "- of which cues": ["appeal.cues"],
    "- of which distinctness": ["distinctness.measured"],
    "all files of the thumbnails": ["renditions.render_all"],
    "- of which cut, its decoding included": ["cutting._shots"],
    "- of which the still judged in its shot": ["still.best_frame"],
    "- of which weights of errors": ["error_weights.error_weights"],
    "- of which GIF": ["encoder.encode_gif"],
    "- of which WebP": ["encoder.encode_webp"],
    "- of which AVIF": ["avif.encode_avif"],
    "- of which MP4": ["mp4.encode_mp4"],
}
OF_OUR_SELECTOR, OF_READERS = "- of which cues", "ends of packets"


def test_what_each_rule_costs(shared_videos: Path, tmp_path: Path) -> None:
    source = shared_videos / "big_buck_bunny_60s.mp4"
    film = enlarged(source, tmp_path / "film.mp4", height=720, repeats=LENGTH_S // 60)
    rules = {name: RULES[name] for name in RULES if name != OF_READERS}
    with _profiled(f"{LENGTH_S} s of 720p", rules):
        _make(film, ["appeal"])


@pytest.mark.parametrize("name", ["simpl_bike_ride.webm", "tears_of_steel_battle.webm"])
def test_what_the_rule_of_vp8_costs(shared_videos: Path, name: str) -> None:
    Vp8Reader().is_whole(coded(bytes(HEAD_BYTES)), Extent.ALL)  # compiled
    with _profiled(name, {OF_READERS: RULES[OF_READERS]}):
        _make(shared_videos / name, ["raw", "re_seq2seq", "gevaden"])


def test_what_the_rule_of_h265_costs(shared_videos: Path, tmp_path: Path) -> None:
    source = shared_videos / "big_buck_bunny_60s.mp4"
    film = enlarged(source, tmp_path / "film.mp4", height=720, codec="libx265")
    with _profiled("60 s of H.265 of 720p", {OF_READERS: RULES[OF_READERS]}):
        _make(film, ["raw", "re_seq2seq", "gevaden"])


def test_what_each_rule_costs_on_real_clips(shared_videos: Path) -> None:
    rules = {name: RULES[name] for name in RULES if name != OF_OUR_SELECTOR}
    with _profiled("the real clips, three thumbnails each", rules):
        for path in sorted(shared_videos.iterdir()):
            _make(path, ["raw", "re_seq2seq", "gevaden"])


def _make(path: Path, selectors: Sequence[str]) -> None:
    video = analyse(path, default_extractor())
    chosen = [choose(video, name) for name in selectors]
    names = tuple(DEFAULT.digests)
    wanted = [Wanted(each.starts_s, each.shot_length_s, names) for each in chosen]
    render_all(path, wanted, part=video.part)


@contextmanager
def _profiled(subject: str, rules: dict[str, list[str]]) -> Iterator[None]:
    """Print the CPU time of what is done meanwhile, and the share of each rule."""
    default_extractor()
    compile_encoders()
    profile = cProfile.Profile(time.process_time)
    begun_s = time.process_time()
    profile.enable()
    yield
    profile.disable()
    whole_s = time.process_time() - begun_s
    spent_s = _seconds(profile)
    print(f"\nCPU of {subject}: {whole_s:.1f} s")
    for rule, functions in rules.items():
        missing = [each for each in functions if each not in spent_s]
        assert not missing, f"{missing} did not run: the table of rules names what is not there"
        rule_s = sum(spent_s[each] for each in functions)
        print(f"  {rule:40} {rule_s:7.2f} s {100 * rule_s / whole_s:6.1f} %")


def _seconds(profile: cProfile.Profile) -> Counter[str]:
    """Return the seconds of each function with all that it called, by "module.function"."""
    profile.create_stats()
    spent_s: Counter[str] = Counter()
    for (file, _, name), (_, _, _, all_s, _) in profile.stats.items():
        spent_s[name if file == "~" else f"{Path(file).stem}.{name}"] += all_s
    return spent_s
