"""The made-up world has the structure that it claims, and GEVADEN learns to look at its videos."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thumbnailer.selection.gevaden import GevadenNetwork
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.controls import swap_test
from thumbnailer.training.data import split_by_fold
from thumbnailer.training.datasets.made_up_world import (
    CUE,
    FEATURES,
    MODES,
    SIGN,
    STYLES,
    WorldConfig,
    made_up_world,
)
from thumbnailer.training.evaluate import random_score
from thumbnailer.training.loop import train
from thumbnailer.training.models import RECIPES

every_number_of_modes = pytest.mark.parametrize("modes", MODES)


@every_number_of_modes
def test_every_good_gif_is_good_and_shows_one_style(modes: int) -> None:
    for video in made_up_world(WorldConfig(modes=modes, videos=5)):
        scores = video.counts[video.gifs].sum(axis=1) / video.counts.max()
        assert scores.min() > 2.3 > random_score(video)
        styles = video.features[video.gifs][:, :, :STYLES].argmax(axis=2)  # (G, 3)
        assert (styles == styles[:, :1]).all()
        assert len(set(styles[:, 0])) == modes
        assert (np.diff(np.sort(video.gifs)) > 0).all()


@every_number_of_modes
def test_nothing_but_a_cue_tells_which_styles_are_good(modes: int) -> None:
    """The mean of a video, which every shot shows once it is centred, says which are shown."""
    for video in made_up_world(WorldConfig(modes=modes, videos=5, noise=0.0)):
        mean = video.features.mean(axis=0)
        assert mean[CUE : SIGN + 1][:STYLES] == pytest.approx(0, abs=1e-6)
        assert mean[SIGN] == pytest.approx(0, abs=1e-6)
        shown = mean[:STYLES][mean[:STYLES] > 0]
        assert len(shown) == 2 * modes
        assert shown == pytest.approx(shown.mean(), rel=1e-5)


def test_a_world_is_its_seed() -> None:
    one, same, other = (made_up_world(WorldConfig(videos=2, seed=seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one[1].features, same[1].features)
    assert not np.array_equal(one[1].features, other[1].features)


def test_modes_that_make_no_whole_kinds_are_refused() -> None:
    with pytest.raises(ValueError, match="modes == 3, must be one of 1, 2, 4"):
        made_up_world(WorldConfig(modes=3))


def test_gevaden_learns_to_look_at_the_video(tmp_path: Path) -> None:
    """A small one, where each video has one good style; the benchmark has the whole claim."""
    config = replace(
        RECIPES["gevaden"].config, feature_dim=FEATURES, shot_dim=FEATURES, video_dim=48, gif_dim=24
    )
    training = TrainingConfig(
        steps=300, batch_size=8, learning_rate=1.5e-3, interest=0.0, evaluate_every=300
    )
    split = split_by_fold(made_up_world(WorldConfig(modes=1)), 0)
    few = replace(split, validation=split.validation[:10])
    recipe = replace(RECIPES["gevaden"], config=config)
    trained = train(recipe, few, training, tmp_path / "run.pt")
    assert isinstance(trained.network, GevadenNetwork)
    found = swap_test(trained.network, split.test)
    assert found.difference.low > 0.1
