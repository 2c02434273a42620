"""What a thumbnail costs once its shots are chosen: cut and encoded in all formats, in one core.

Each real clip gives three shots of a second, that begin at 1/6, 3/6 and 5/6 of it.
"""

import time
from pathlib import Path
from statistics import median

import pytest

from thumbnailer import steps
from thumbnailer.encode.formats import FORMATS
from thumbnailer.errors import ThumbnailerError
from thumbnailer.results import Wanted

pytestmark = [pytest.mark.benchmark, pytest.mark.usefixtures("one_thread")]


def test_every_format_of_a_thumbnail(shared_videos: Path) -> None:
    times_s = {}
    for clip in sorted(shared_videos.glob("*.*")):
        try:
            duration_s = steps.probe(str(clip))
        except ThumbnailerError:
            continue
        starts_s = (duration_s / 6, duration_s / 2, duration_s * 5 / 6)
        steps.encode(str(clip), [Wanted(starts_s, 1.0, ("gif",))])  # warm
        begun_s = time.process_time()
        steps.encode(str(clip), [Wanted(starts_s, 1.0, tuple(FORMATS))])
        times_s[clip.name] = time.process_time() - begun_s
        print(f"\n{clip.name:32} {times_s[clip.name]:5.2f} s", end="")
    print(f"\nmedian {median(times_s.values()):.2f} s, longest {max(times_s.values()):.2f} s")
    assert len(times_s) > 10
