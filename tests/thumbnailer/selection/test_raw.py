import numpy as np

from tests.thumbnailer.made_up import lively_measures
from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.parts.least_motion import least_motion_s, poor_frames
from thumbnailer.selection.raw import Raw


def test_the_frame_that_moves_least_is_taken() -> None:
    frames = lively_measures(48)
    frames.difference[30:32] = 0.01
    assert least_motion_s(frames, np.arange(48)) == 30 / 12


def test_poor_frames_are_passed_over_where_others_are_left() -> None:
    frames = lively_measures(48)
    frames.difference[10:14] = 0.0  # calmest of all, but dark, blurred and flat
    frames.luma[10:12] = 0.01
    frames.sharpness[12] = 0.01
    frames.flatness[13] = 0.99
    frames.difference[30:32] = 0.01
    assert np.flatnonzero(poor_frames(frames)).tolist() == [10, 11, 12, 13]
    assert least_motion_s(frames, np.arange(48)) == 30 / 12
    assert least_motion_s(frames, np.arange(10, 14)) in {10 / 12, 11 / 12, 12 / 12}


def test_the_look_that_lasts_longest_comes_first() -> None:
    looks = np.eye(5, 8, dtype=np.float32)[[0] * 5 + [1] * 9 + [2] * 3 + [3] * 3 + [4] * 4]
    noise = np.random.default_rng(0).normal(scale=0.01, size=(24, 8)).astype(np.float32)
    shots = ShotTable(looks + noise, np.arange(2, 22), lively_measures(288))
    [first, *_] = Raw().rank(shots, seed=0)
    assert 5 <= first.starts_s[0] < 14
