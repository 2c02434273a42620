import numpy as np
import pytest
import torch

from tests.thumbnailer.selection.tables import shot_table
from thumbnailer.errors import BadFeaturesError
from thumbnailer.selection.parts.shot_features import shot_features, standardised
from thumbnailer.selection.shot_scorer import ShotScorer, ShotScorerConfig, ShotScorerNetwork

CONFIG = ShotScorerConfig(
    feature_dim=20, videos=3, bandwidths=(2.0, 2.0), penalties=(1.0, 2.0), exponent=1.0
)


def small_scorer() -> ShotScorerNetwork:
    torch.manual_seed(0)
    network = ShotScorerNetwork(CONFIG)
    network.means.normal_()
    network.weights.normal_()
    network.weights[1] = network.weights[0]
    return network


def test_a_video_like_one_that_was_learned_from_is_scored_by_its_weights() -> None:
    network = small_scorer()
    features = torch.randn(40, 20)
    network.means[1] = features.mean(dim=0)
    network.means[0], network.means[2] = 100.0, -100.0
    wanted = standardised((shot_features(features) @ network.weights[0, 1])[:, None])
    torch.testing.assert_close(network(features)[:, None], wanted)


def test_videos_as_near_share_alike() -> None:
    network = small_scorer()
    network.means[:] = 0
    features = torch.randn(40, 20)
    wanted = standardised((shot_features(features) @ network.weights[0].mean(dim=0))[:, None])
    torch.testing.assert_close(network(features)[:, None], wanted)


def test_members_have_the_same_say_whatever_their_scale() -> None:
    network = small_scorer()
    features = torch.randn(40, 20)
    network.weights[1] = torch.randn_like(network.weights[1])
    before = network(features)
    network.weights[1] *= 1000
    torch.testing.assert_close(network(features), before)


def test_a_video_unlike_all_is_still_scored() -> None:
    network = small_scorer()
    scores = network(torch.randn(40, 20) + 1000)
    assert scores.isfinite().all()
    assert scores.std() > 0


def test_shots_are_5_s_apart_in_time_order() -> None:
    found = ShotScorer(small_scorer(), "test").rank(shot_table(60, feature_dim=20), seed=0)
    assert len(found) > 1
    for candidate in found:
        assert (np.diff(candidate.starts_s) >= 5).all()


def test_features_of_another_width_are_refused() -> None:
    with pytest.raises(BadFeaturesError, match="have 30 numbers each, must have 20"):
        ShotScorer(small_scorer(), "test").rank(shot_table(10, feature_dim=30), seed=0)
