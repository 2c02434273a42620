from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from thumbnailer.training.data import LabelledVideo, has_one_mode, opinion_gifs, split_by_fold
from thumbnailer.training.datasets.made_up_world import WorldConfig, made_up_world


@settings(deadline=None)  # time is measured elsewhere
@given(st.integers(21, 60), st.integers(1, 5), st.integers(0, 2**31))
def test_everyone_has_three_shots_apart_in_time_order(seconds: int, people: int, seed: int) -> None:
    opinions = np.random.default_rng(seed).integers(1, 6, (people, seconds)).astype(float)
    gifs = opinion_gifs(opinions, 5)
    assert gifs.shape == (people, 3)
    assert (np.diff(gifs, axis=1) >= 5).all()
    # Each person's best second is among them.
    assert (opinions[np.arange(people)[:, None], gifs].max(axis=1) == opinions.max(axis=1)).all()


def test_ties_go_to_what_the_others_like() -> None:
    opinions = np.ones((3, 30))
    opinions[0, [4, 20]] = 5
    opinions[1, [4, 11]] = 5
    opinions[2, [25]] = 5
    assert opinion_gifs(opinions, 5).tolist() == [[4, 11, 20], [4, 11, 20], [4, 11, 25]]


def test_no_video_is_in_two_parts_of_a_split() -> None:
    nothing = np.zeros((0, 2))
    videos = tuple(
        LabelledVideo(str(number), number % 5, nothing.astype(np.float32), nothing[:, 0], nothing)
        for number in range(10)
    )
    split = split_by_fold(videos, 4)
    assert [v.name for v in split.test] == ["4", "9"]
    assert [v.name for v in split.validation] == ["0", "5"]
    assert [v.name for v in split.train] == ["1", "2", "3", "6", "7", "8"]


def test_gifs_that_show_next_to_the_same_are_told_from_several() -> None:
    for modes in (1, 2, 4):
        for video in made_up_world(WorldConfig(modes=modes, videos=3)):
            assert has_one_mode(video) == (modes == 1)
            assert has_one_mode(replace(video, gifs=video.gifs[:1]))
