from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.training.made_up import FEATURE_DIM, write_tvsum
from thumbnailer.training.projection import fit_projection, fit_ridge, shots_within
from thumbnailer.training.tvsum import load_tvsum

WIDE = 200  # more features than the 120 shots


def test_ridge_finds_the_feature_that_tells(tmp_path: Path) -> None:
    weights = fit_ridge(load_tvsum(write_tvsum(tmp_path)), 1.0)
    assert np.argmax(np.abs(weights)) == 5
    assert weights[5] > 0


def test_ridge_agrees_with_least_squares_on_stacked_rows(tmp_path: Path) -> None:
    videos = load_tvsum(write_tvsum(tmp_path, videos=2, feature_dim=WIDE))
    weights = fit_ridge(videos, 2.0)
    root = np.sqrt(np.concatenate([np.full(len(v.features), 1 / len(v.features)) for v in videos]))
    rows = np.concatenate([shots_within(v) for v in videos]) * root[:, None]
    target = np.concatenate([v.counts - v.counts.mean() for v in videos]) * root
    stacked = np.concatenate([rows, np.sqrt(2.0) * np.eye(WIDE)])
    wanted = np.linalg.lstsq(stacked, np.concatenate([target, np.zeros(WIDE)]), rcond=None)[0]
    np.testing.assert_allclose(weights, wanted, atol=1e-9)


def test_columns_have_their_scale(tmp_path: Path) -> None:
    videos = load_tvsum(write_tvsum(tmp_path))
    matrix = fit_projection(videos, 16, penalty=1.0, interest=3.0)
    assert matrix.shape == (FEATURE_DIM, 16)
    projected = np.concatenate([shots_within(v) @ matrix for v in videos])
    assert np.square(projected[:, 0]).mean() == pytest.approx(9)
    assert np.square(projected[:, 1:]).sum(axis=1).mean() == pytest.approx(1)
    looks = projected[:, 1:]
    covariance = looks.T @ looks
    assert np.abs(covariance - np.diag(np.diag(covariance))).max() < 1e-9 * covariance.max()
