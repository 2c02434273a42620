"""What choices and clicks are learned from is read off the features that are kept."""

from pathlib import Path

import numpy as np
import pytest
from pytest_django import Settings

from experiments.making.learning_steps import cue_names, cues_of, scorer_features_of
from tests.clips import write_clip
from tests.experiments.videos import add_video

pytestmark = pytest.mark.django_db


def test_gifs_of_a_video_have_cues_and_features(tmp_path: Path, settings: Settings) -> None:
    settings.MEDIA_ROOT, settings.FEATURES_ROOT = tmp_path / "media", tmp_path / "features"
    write_clip(tmp_path / "clip.mp4", seconds=9)
    video = add_video(tmp_path / "clip.mp4")
    gifs = [[2.0, 4.0, 6.0], [6.0, 2.0, 4.0], [3.0, 5.0, 7.0]]
    cues, features = cues_of(video, gifs), scorer_features_of(video, gifs)
    assert cues.shape == (3, len(cue_names()))
    assert features.shape == (3, 1 + 1280 + 3)
    for found in (cues, features):
        np.testing.assert_allclose(found[0], found[1], atol=1e-5)
        assert np.abs(found[0] - found[2]).max() > 0.01
