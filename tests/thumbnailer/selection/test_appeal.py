"""Our own selector: what counts, what it keeps apart, and how it plays."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.thumbnailer.made_up import lively_measures
from thumbnailer.selection.appeal import Appeal
from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.parts.cues import appeal, cue_ranks
from thumbnailer.settings import CueWeights

SECONDS = 60


class ByTheFirstNumber:
    version = "test"

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        return features[:, 0]


def table(scenes: int = 12) -> ShotTable:
    """A film of so many scenes of equal length; seconds of one scene look next to the same."""
    rng = np.random.default_rng(0)
    looks = rng.random((scenes, 1280), dtype=np.float32)
    features = looks[np.arange(SECONDS) * scenes // SECONDS]
    features += 0.01 * rng.random(features.shape, dtype=np.float32)
    features[:, 0] = rng.random(SECONDS)
    return ShotTable(features, np.arange(2, 58), lively_measures(12 * SECONDS), gap_s=5)


def test_the_best_second_plays_first_and_the_others_in_time_order() -> None:
    no_cues = CueWeights(1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    shots = replace(table(), cue_weights=no_cues)
    scores = shots.features[:, 0]
    for candidate in Appeal(ByTheFirstNumber()).rank(shots, seed=0):
        first, second, third = (int(start_s) for start_s in candidate.starts_s)
        assert scores[first] == max(scores[[first, second, third]])
        assert second < third


def test_shots_are_of_different_scenes_and_keep_the_gap() -> None:
    for candidate in Appeal(ByTheFirstNumber()).rank(table(), seed=0):
        seconds = np.sort(candidate.starts_s)
        assert np.diff(seconds).min() >= 5
        assert len(set(seconds // 5)) == 3


def test_a_long_film_keeps_shots_a_twentieth_of_it_apart() -> None:
    features = np.random.default_rng(0).random((400, 1280), dtype=np.float32)
    shots = ShotTable(features, np.arange(2, 398), lively_measures(4800), gap_s=5)
    assert all(
        np.diff(np.sort(each.starts_s)).min() >= 20
        for each in Appeal(ByTheFirstNumber()).rank(shots, seed=0)
    )


def test_a_film_of_one_scene_still_has_an_answer() -> None:
    [best, *_] = Appeal(ByTheFirstNumber()).rank(table(scenes=1), seed=0)
    assert np.diff(np.sort(best.starts_s)).min() >= 5


def with_cue(cue: str, second: int) -> ShotTable:
    """A film all of whose seconds are alike but for one that is better by one cue."""
    frames = lively_measures(12 * SECONDS)
    features = np.ones((SECONDS, 1280), np.float32)
    faces, ticks = np.zeros(SECONDS, np.float32), slice(12 * second, 12 * second + 12)
    frames.luma[:] = 0.8
    if cue == "face":
        faces[second] = 0.4
    elif cue == "colour":
        frames.colour_histogram[ticks, 8:15] = 0
    elif cue == "scorer":
        features[second] += 1
    else:
        name = {"exposure": "luma", "motion": "difference"}.get(cue, cue)
        getattr(frames, name)[ticks] = 0.5 if name == "luma" else 0.9
    return ShotTable(features, np.arange(2, 58), frames, faces=faces)


CUES = ["scorer", "sharpness", "exposure", "colour", "motion", "face"]


@pytest.mark.parametrize("cue", CUES)
def test_each_cue_lifts_the_second_that_has_it(cue: str) -> None:
    shots = with_cue(cue, 30)
    ranks = cue_ranks(shots, shots.features[:, 0])
    worth = appeal(ranks, CueWeights())
    assert shots.eligible[worth.argmax()] == 30
    only = CueWeights(**dict.fromkeys(CUES, 0.0), no_text=0.0)
    lifted = appeal(ranks, replace(only, **{cue: 1.0}))
    assert shots.eligible[lifted.argmax()] == 30
    assert shots.eligible[appeal(ranks, replace(only, **{cue: -1.0})).argmin()] == 30


def test_lettering_counts_against_a_second() -> None:
    lettering = np.zeros(SECONDS, np.float32)
    lettering[30] = 0.02
    shots = replace(table(), lettering=lettering)
    ranks = cue_ranks(shots, np.zeros(SECONDS))
    assert shots.eligible[appeal(ranks, CueWeights()).argmin()] == 30


def test_weights_that_people_taught_change_the_choice() -> None:
    shots = with_cue("face", 30)
    no_face = replace(shots, cue_weights=CueWeights(face=-5.0))
    first, second = (Appeal(ByTheFirstNumber()).rank(each, seed=0)[0] for each in (shots, no_face))
    assert 30.0 in first.starts_s
    assert 30.0 not in second.starts_s
