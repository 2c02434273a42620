"""Whole films, real and coded in many ways: of none is a second taken for damaged."""

from pathlib import Path

import pytest

from tests.benchmarks.damaged_pictures import write_films
from tests.benchmarks.test_fuzzed_videos import SOURCES
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.sampling import sample_video

pytestmark = pytest.mark.benchmark


def lost_of(path: Path) -> tuple[list[tuple[float, float]], int]:
    """Return which seconds of a film are broken, and how many samples are built on a loss."""
    log = DecodingLog()
    errors = sum(each.errors > 0 for each in sample_video(path, rgb_size=8, log=log))
    return log.broken_s, errors


def test_no_second_of_a_real_film_is_lost(shared_videos: Path) -> None:
    lost = {path.name: lost_of(path) for path in sorted(shared_videos.iterdir())}
    assert {name: each for name, each in lost.items() if any(each)} == {}


@pytest.mark.parametrize("source", SOURCES)
def test_no_second_of_a_film_that_will_be_damaged_is_lost(
    shared_videos: Path, tmp_path: Path, source: str
) -> None:
    films = write_films(shared_videos / source, tmp_path)
    lost = {name: lost_of(path) for name, path in films.items()}
    assert {name: each for name, each in lost.items() if any(each)} == {}
