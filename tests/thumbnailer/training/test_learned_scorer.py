"""What clicks taught is added to the shot scorer's scores, and kept in its weights file."""

from pathlib import Path

import numpy as np
import pytest
import torch

from tests.thumbnailer.selection.tables import shot_table
from thumbnailer.selection.parts.checkpoint import load_checkpoint
from thumbnailer.selection.parts.shot_features import shot_features
from thumbnailer.selection.shot_scorer import KIND, ShotScorer, ShotScorerConfig, ShotScorerNetwork
from thumbnailer.training.learned_scorer import (
    corrected,
    gif_features,
    shipped_network,
    write_scorer,
)

WIDTH = 1283
GIFS = [[3.0, 9.0, 20.0], [30.0, 4.0, 39.0]]


def test_a_gif_has_the_means_of_its_shots() -> None:
    features, network = shot_table(40).features, shipped_network()
    found = gif_features(network, features, GIFS)
    read = shot_features(torch.from_numpy(features)).numpy()
    assert found.shape == (2, 1 + WIDTH)
    assert found[0, 0] == pytest.approx(
        ShotScorer(network, "").scores(features)[[3, 9, 20]].mean(), abs=1e-6
    )
    np.testing.assert_allclose(found[1, 1:], read[[30, 4, 39]].mean(axis=0), atol=1e-5)


def test_a_learned_file_scores_by_both_and_can_be_learned_further(tmp_path: Path) -> None:
    features, before = shot_table(40).features, shipped_network()
    correction = np.random.default_rng(0).normal(size=WIDTH) / 16
    write_scorer(tmp_path / "a.pt", 0.5, correction, 700)
    read = load_checkpoint(tmp_path / "a.pt", KIND).restore(ShotScorerConfig, ShotScorerNetwork)
    assert read.config.clicks == 700
    wanted = gif_features(before, features, GIFS) @ [0.5, *correction]
    scores = ShotScorer(read, "learned").scores(features)
    np.testing.assert_allclose(
        scores[np.asarray(GIFS, int)].mean(axis=1), wanted, atol=0.01
    )  # float16
    again = corrected(read, 2.0, correction, 300)
    assert again.config.clicks == 1000
    wanted = gif_features(read, features, GIFS) @ [2.0, *correction]
    scores = ShotScorer(again, "again").scores(features)
    np.testing.assert_allclose(scores[np.asarray(GIFS, int)].mean(axis=1), wanted, atol=1e-3)
