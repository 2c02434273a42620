from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.training.made_up import write_tvsum
from thumbnailer.training import ridge
from thumbnailer.training.evaluate import oracle_score, random_score
from thumbnailer.training.projection import shots_within
from thumbnailer.training.ridge import fit, interest_score, linear_interest, moments, ridge_interest
from thumbnailer.training.tvsum import load_tvsum

WIDE = 200  # more features than the 120 shots


def test_ridge_finds_the_feature_that_tells(tmp_path: Path) -> None:
    weights = fit(moments(load_tvsum(write_tvsum(tmp_path))), 1.0)
    assert np.argmax(np.abs(weights)) == 5
    assert weights[5] > 0


def test_ridge_agrees_with_least_squares_on_stacked_rows(tmp_path: Path) -> None:
    videos = load_tvsum(write_tvsum(tmp_path, videos=2, feature_dim=WIDE))
    weights = fit(moments(videos), 2.0)
    root = np.sqrt(np.concatenate([np.full(len(v.features), 1 / len(v.features)) for v in videos]))
    rows = np.concatenate([shots_within(v) for v in videos]) * root[:, None]
    target = np.concatenate([v.counts - v.counts.mean() for v in videos]) * root
    stacked = np.concatenate([rows, np.sqrt(2.0) * np.eye(WIDE)])
    wanted = np.linalg.lstsq(stacked, np.concatenate([target, np.zeros(WIDE)]), rcond=None)[0]
    np.testing.assert_allclose(weights, wanted, atol=1e-8)


def test_shots_are_scored_by_their_features_within_the_video(tmp_path: Path) -> None:
    [video, *_] = load_tvsum(write_tvsum(tmp_path, videos=2))
    weights = np.random.default_rng(0).normal(size=(video.features.shape[1],))
    found = linear_interest(weights)(video)
    np.testing.assert_allclose(found, shots_within(video) @ weights, atol=1e-4)


def test_the_penalty_is_the_one_that_scores_folds_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A penalty beyond all sense leaves no weight that is not zero: every fold tells."""
    videos = load_tvsum(write_tvsum(tmp_path))
    monkeypatch.setattr(ridge, "PENALTIES", (1e300, 1.0))
    interest = ridge_interest(videos)
    np.testing.assert_allclose(
        interest(videos[0]), linear_interest(fit(moments(videos), 1.0))(videos[0])
    )
    reached = np.mean([interest_score(video, interest) for video in videos])
    assert np.mean([random_score(video) for video in videos]) + 0.5 < reached
    assert reached <= np.mean([oracle_score(video) for video in videos])


def test_videos_of_one_fold_judge_themselves(tmp_path: Path) -> None:
    one = [video for video in load_tvsum(write_tvsum(tmp_path)) if video.fold == 0]
    assert np.mean([interest_score(video, ridge_interest(one)) for video in one]) > 1
