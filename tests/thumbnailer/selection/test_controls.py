"""The controls: random shots, first frames, and the oracle."""

from collections import Counter

import numpy as np
import pytest

from tests.thumbnailer.selection.tables import shot_table
from thumbnailer.errors import BadFeaturesError, UnknownSelectorError
from thumbnailer.registry import LOADERS, load_selector
from thumbnailer.selection.comment_peaks import CommentPeaks
from thumbnailer.selection.first_frame import FirstFrame
from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.random_triple import RandomTriple
from thumbnailer.selection.uniform import Uniform
from thumbnailer.video.measures import FrameMeasures


def test_every_shot_is_drawn_about_as_often() -> None:
    table, drawn = shot_table(12), Counter[float]()
    for seed in range(2000):
        drawn.update(RandomTriple().rank(table, seed=seed)[0].starts_s)
    # 8 shots, each in a triple with probability 3/8: four standard deviations are 87.
    assert set(drawn) == set(table.eligible.tolist())
    assert all(abs(count - 750) < 87 for count in drawn.values())


def test_two_videos_of_one_length_get_other_draws() -> None:
    draws = {RandomTriple().rank(shot_table(60, seed=seed), seed=0)[0] for seed in range(5)}
    assert len(draws) == 5


def test_the_first_frame_is_the_gifs() -> None:
    table = shot_table(30)
    [gif, *_] = load_selector("gevaden").rank(table, seed=0)
    [still, *_] = load_selector("first_frame").rank(table, seed=0)
    assert still.starts_s == gif.starts_s[:1]
    assert load_selector("first_frame").version.endswith(load_selector("gevaden").version)


def test_gifs_that_begin_alike_have_one_first_frame() -> None:
    [still] = FirstFrame(Uniform()).rank(shot_table(30), seed=0)
    assert still.starts_s == Uniform().rank(shot_table(30), seed=0)[0].starts_s[:1]


def oracle(counts: list[float]) -> tuple[float, ...]:
    features = np.zeros((len(counts), 4), np.float32)
    table = ShotTable(features, np.arange(2, len(counts) - 2), FrameMeasures.none())
    return CommentPeaks(np.asarray(counts)).rank(table, seed=0)[0].starts_s


def test_peaks_are_apart_and_within_the_video() -> None:
    counts = np.zeros(30)
    counts[[0, 10, 11, 20, 25]] = [99, 50, 40, 30, 20]  # the first is trimmed, 11 is beside 10
    assert oracle(counts.tolist()) == (10.0, 20.0, 25.0)


def test_a_short_video_has_peaks_less_far_apart() -> None:
    assert oracle([0, 0, 1, 5, 2, 4, 0, 0]) == (3.0, 4.0, 5.0)


def test_counts_of_another_video_are_refused() -> None:
    with pytest.raises(BadFeaturesError, match=r"len\(counts\) == 3, must be 30"):
        CommentPeaks(np.ones(3)).rank(shot_table(30), seed=0)


def test_the_oracle_cannot_be_published() -> None:
    assert "comment_peaks" not in LOADERS
    with pytest.raises(UnknownSelectorError):
        load_selector("comment_peaks")
    with pytest.raises(TypeError):
        CommentPeaks()  # type: ignore[call-arg]  # what the registry would do
