from pathlib import Path

import numpy as np
import pytest

from tests.thumbnailer.training.made_up import FEATURE_DIM, write_tvsum
from thumbnailer.training.projection import fit_projection, shots_within
from thumbnailer.training.tvsum import load_tvsum


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
