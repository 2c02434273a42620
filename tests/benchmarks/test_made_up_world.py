"""GEVADEN can learn to look at the video: `make bench ARGS="-k made_up_world"`, some minutes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from thumbnailer.selection.gevaden import GevadenNetwork
from thumbnailer.training.controls import swap_test
from thumbnailer.training.data import split_by_fold
from thumbnailer.training.datasets.made_up_world import FEATURES, WorldConfig, made_up_world
from thumbnailer.training.evaluate import published_score, random_score
from thumbnailer.training.loop import train
from thumbnailer.training.made_up_table import TRAINING
from thumbnailer.training.models import RECIPES

pytestmark = pytest.mark.benchmark


def test_gevaden_looks_at_the_video_after_2500_steps(tmp_path: Path) -> None:
    split = split_by_fold(made_up_world(WorldConfig(modes=2)), 0)
    shipped = RECIPES["gevaden"]  # its widths, which are not those of the table
    recipe = replace(
        shipped, config=replace(shipped.config, feature_dim=FEATURES, shot_dim=FEATURES)
    )
    config = replace(TRAINING, steps=2500, evaluate_every=500)
    network = train(recipe, split, config, tmp_path / "run.pt").network
    assert isinstance(network, GevadenNetwork)
    found = swap_test(network, split.test)
    selector = recipe.selector(network, "in training")
    published = np.mean([published_score(selector, video) for video in split.test])
    chance = np.mean([random_score(video) for video in split.test])
    print(
        f"\npublished {published:.3f}, random {chance:.3f}, draws {found.own.mean():.3f}, "
        f"by another video's condition {found.swapped.mean():.3f}"
    )
    difference = found.difference
    print(f"difference {difference.mean:.3f} ({difference.low:.2f} to {difference.high:.2f})")
    assert difference.low > 0.1
    assert published > chance + 0.5
