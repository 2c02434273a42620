"""What each rule costs of the processor, on five minutes of 720p, with the product as it runs.

Functions are timed by Python's profiler, which itself takes a little of each call.
"""

import cProfile
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.benchmarks.made_videos import enlarged, needs_ffmpeg
from thumbnailer.choose import choose
from thumbnailer.encode.formats import compile_encoders
from thumbnailer.encode.renditions import render
from thumbnailer.features.analysis import analyse
from thumbnailer.features.efficientnet_lite import default_extractor

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
    "bars and active area": ["active_area.add", "active_area.area", "active_area.part"],
    "gray pictures kept for measures": ["gray_film.add", "gray_film._unpacked"],
    "measures inside the bars": ["measures.measured"],
    "- of which dissolves, fades, wipes": ["transitions.transition_residuals"],
    "- of which edges": [
        "edge_change_ratio.gradient",
        "edge_change_ratio.edge_maps",
        "edge_change_ratio.edge_change_ratios",
    ],
    "colour histograms": ["colour_histogram.colour_histogram"],
    "faces": ["face_heights.add"],
    "network": ["efficientnet_lite.extract"],
    "choose, by our own selector": ["choose.choose"],
    "- of which dark, flat, blurred, cuts": ["shots.eligible_shots", "fitness.names_of_faults"],
    "- of which text": ["lettering.of"],
    "- of which distinctness": ["distinctness.measured"],
    "all files of the thumbnail": ["renditions.render"],
    "- of which cut, its decoding included": ["shots.cut_shots"],
    "- of which the still judged in its shot": ["still.best_frame"],
}


def test_what_each_rule_costs(shared_videos: Path, tmp_path: Path) -> None:
    source = shared_videos / "big_buck_bunny_60s.mp4"
    film = enlarged(source, tmp_path / "film.mp4", height=720, repeats=LENGTH_S // 60)
    extractor = default_extractor()
    compile_encoders()
    profile = cProfile.Profile(time.process_time)
    begun_s = time.process_time()
    profile.enable()
    video = analyse(film, extractor)
    chosen = choose(video, "appeal")
    render(film, chosen.starts_s, chosen.shot_length_s, part=video.part)
    profile.disable()
    whole_s = time.process_time() - begun_s
    spent_s = _seconds(profile)
    print(f"\nCPU of {LENGTH_S} s of 720p: {whole_s:.1f} s")
    for rule, functions in RULES.items():
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
