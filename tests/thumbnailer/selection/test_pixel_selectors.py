"""Hecate and BeautThumb: what they share, and where they differ."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.thumbnailer.clips import scene, shared_video, write_clip
from tests.thumbnailer.made_up import frozen_measures, lively_measures, random_measures
from thumbnailer.results import Candidate
from thumbnailer.selection.beautthumb import BeautThumb
from thumbnailer.selection.hecate import Hecate
from thumbnailer.selection.parts.base import Selector, ShotTable
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.measures import NUMBERS, FrameMeasures, Measurer
from thumbnailer.video.sampling import sample_video
from thumbnailer.video.shots import eligible_shots, shot_count

both = pytest.mark.parametrize("selector", [Hecate(), BeautThumb()], ids=["hecate", "beautthumb"])


def table(path: Path) -> ShotTable:
    measurer = Measurer()
    for sample in sample_video(path, rgb_size=64, log=DecodingLog()):
        measurer.add(sample)
    frames = measurer.finish(DecodingLog())
    features = np.zeros((shot_count(frames), 4), np.float32)
    return ShotTable(features, eligible_shots(frames), frames)


def best(selector: Selector, shots: ShotTable) -> Candidate:
    return selector.rank(shots, seed=0)[0]


@pytest.fixture(scope="module")
def four_scenes(tmp_path_factory: pytest.TempPathFactory) -> ShotTable:
    """Seconds 0-5, 6-11, 12-17 of three looks, and 18-21 of the first again.

    In each the square stands still but for one second: 3, 8, 14 and 19.
    """
    pictures = []
    for second, number in enumerate([1] * 6 + [2] * 6 + [3] * 6 + [1] * 4):
        steps = range(12) if second in {3, 8, 14, 19} else [11] * 12
        pictures += [scene(number)(4 * step) for step in steps]
    return table(write_clip(tmp_path_factory.mktemp("clips") / "a.mp4", pictures))


def test_hecate_takes_the_seconds_that_move(four_scenes: ShotTable) -> None:
    assert set(best(Hecate(), four_scenes).starts_s) <= {3, 8, 14, 19}


def test_beautthumb_takes_seconds_that_stand_still(four_scenes: ShotTable) -> None:
    found = best(BeautThumb(), four_scenes)
    still = four_scenes.frames.motion.reshape(-1, 12).min(axis=1)
    assert not set(found.starts_s) & {3, 8, 14, 19}
    assert (still[np.asarray(found.starts_s, int)] == 0).all()


@both
def test_three_looks_give_a_shot_each(selector: Selector, four_scenes: ShotTable) -> None:
    looks = [min(int(start_s) // 6, 3) % 3 for start_s in best(selector, four_scenes).starts_s]
    assert sorted(looks) == [0, 1, 2]


@both
def test_shots_play_in_time_order(selector: Selector, four_scenes: ShotTable) -> None:
    for candidate in selector.rank(four_scenes, seed=0):
        assert list(candidate.starts_s) == sorted(candidate.starts_s)


@both
def test_toys_of_a_real_clip_are_different_ones(selector: Selector) -> None:
    shots = table(shared_video("mdn_toys_concat_50s.mp4"))
    joints_s = [12.0, 19.8, 27.8, 34.4, 42.6]
    toys = np.searchsorted(joints_s, np.asarray(best(selector, shots).starts_s) + 0.5)
    assert len(set(toys.tolist())) == 3


@both
def test_only_pictures_count(selector: Selector, four_scenes: ShotTable) -> None:
    other = np.random.default_rng(0).random(four_scenes.features.shape, dtype=np.float32)
    changed = ShotTable(other, four_scenes.eligible, four_scenes.frames)
    assert selector.rank(changed, seed=0) == selector.rank(four_scenes, seed=0)


@both
def test_a_video_without_one_good_frame_has_an_answer(selector: Selector) -> None:
    dark = FrameMeasures.of(np.zeros((120, NUMBERS), np.float32), np.zeros((120, 200), np.uint8))
    shots = ShotTable(np.zeros((10, 4), np.float32), np.arange(2, 8), dark)
    assert best(selector, shots).starts_s == (2.0, 3.0, 4.0)


@both
@settings(max_examples=50)
@given(seconds=st.integers(3, 40), kind=st.integers(0, 2), seed=st.integers(0, 2**32 - 1))
def test_whatever_the_pictures_are_three_different_eligible_seconds_come(
    selector: Selector, seconds: int, kind: int, seed: int
) -> None:
    made = (random_measures, lambda ticks, _: lively_measures(ticks), frozen)
    frames = made[kind](12 * seconds + seed % 12, seed)
    shots = ShotTable(np.zeros((seconds, 4), np.float32), eligible_shots(frames), frames)
    for candidate in selector.rank(shots, seed=seed):
        assert len(set(candidate.starts_s)) == 3
        assert set(candidate.starts_s) <= set(shots.eligible.tolist())


def frozen(ticks: int, seed: int) -> FrameMeasures:
    return frozen_measures(ticks, seed % 101 / 100)
