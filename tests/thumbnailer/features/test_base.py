import numpy as np
import pytest

from thumbnailer.errors import BadFeaturesError
from thumbnailer.features.base import shot_means


def test_seconds_are_means_of_their_frames_and_the_rest_is_left_over() -> None:
    frames = np.arange(16, dtype=np.float16).reshape(8, 2)
    assert shot_means(frames, 3).tolist() == [[2, 3], [8, 9]]
    assert shot_means(frames, 3).dtype == np.float32
    assert shot_means(frames[:2], 3).shape == (0, 2)


def test_holes_are_refused() -> None:
    frames = np.ones((6, 2))
    frames[4, 1] = np.inf
    with pytest.raises(BadFeaturesError, match=r"features\[4\] holds nan or infinity \(1 of 6"):
        shot_means(frames, 3)
