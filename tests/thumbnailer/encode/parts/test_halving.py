import numpy as np
from PIL import Image

from thumbnailer.encode.parts.halving import halve


def test_each_pixel_is_the_mean_of_four() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (36, 64, 3), np.uint8)
    half = np.empty((18, 32, 3), np.uint8)
    halve(picture, half)
    np.testing.assert_array_equal(half, np.asarray(Image.fromarray(picture).reduce(2)))
