"""The controls: random shots and first frames."""

from collections import Counter
from dataclasses import replace

import numpy as np

from tests.thumbnailer.selection.tables import shot_table
from thumbnailer.registry import load_selector
from thumbnailer.selection.first_frame import FirstFrame
from thumbnailer.selection.random_triple import RandomTriple
from thumbnailer.selection.uniform import Uniform


def test_every_shot_is_drawn_about_as_often() -> None:
    table, drawn = shot_table(12), Counter[float]()
    for seed in range(2000):
        drawn.update(RandomTriple().rank(table, seed=seed)[0].starts_s)
    # 8 shots, each in a triple with probability 3/8: four standard deviations are 87.
    assert set(drawn) == set(table.eligible.tolist())
    assert all(abs(count - 750) < 87 for count in drawn.values())


def test_every_triple_that_keeps_the_gap_is_drawn_about_as_often() -> None:
    table, drawn = replace(shot_table(12), gap_s=3), Counter[tuple[float, ...]]()
    for seed in range(2000):
        drawn[RandomTriple().rank(table, seed=seed)[0].starts_s] += 1
    # 2 5 8, 2 5 9, 2 6 9, 3 6 9: four standard deviations are 77.
    assert set(drawn) == {(2, 5, 8), (2, 5, 9), (2, 6, 9), (3, 6, 9)}
    assert all(abs(count - 500) < 77 for count in drawn.values())


def test_where_sixths_are_too_near_the_widest_three_are_uniform() -> None:
    table = replace(shot_table(30), eligible=np.asarray([2, 3, 4, 5, 6, 9, 14]), gap_s=5)
    assert Uniform().rank(table, seed=0)[0].starts_s == (2.0, 9.0, 14.0)


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
