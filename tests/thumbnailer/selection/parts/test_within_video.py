import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from thumbnailer.selection.parts.within_video import SMOOTHING_S, within_video


def test_it_is_scipys_smoothing_less_the_mean() -> None:
    features = np.random.default_rng(0).normal(size=(40, 7))
    smooth = gaussian_filter1d(features, SMOOTHING_S, axis=0, mode="nearest", truncate=4.0)
    found = within_video(torch.from_numpy(features)).numpy()
    np.testing.assert_allclose(found, smooth - features.mean(axis=0), atol=1e-5)


def test_a_video_shorter_than_the_kernel() -> None:
    features = torch.tensor([[1.0], [2.0], [6.0]])
    found = within_video(features)
    assert found.shape == (3, 1)
    assert (found.diff(dim=0) > 0).all()
    assert within_video(torch.ones(1, 4)).abs().max() < 1e-6


def test_what_all_shots_share_does_not_matter() -> None:
    features = torch.randn(30, 5, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        within_video(features + 7), within_video(features), atol=1e-5, rtol=0
    )
