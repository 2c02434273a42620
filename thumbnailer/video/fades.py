"""Fades into and out of a plain colour, however short and whatever moves.

A picture that fades keeps its form and loses contrast: the standard deviation of its brightness
falls with it, and at last nothing is left (Lienhart, "Comparison of automatic shot boundary
detection algorithms", Storage and Retrieval for Image and Video Databases, 1999). A cut to a plain
colour has nothing in between.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

FADE_TICKS = 3  # longer fades are known by what is as long before and after
SCENE_TICKS = 6  # before and behind, in which the scene is seen as it is
LEAST_CONTRAST = 0.08  # of full brightness, standard deviation: of the scene
PLAIN, FADED = 0.25, 0.75  # of the scene's contrast: less is plain; less is faded


def are_faded(contrasts: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (T,) bool: the picture fades into a plain one or out of it, or is plain in between.

    Args:
        contrasts: (T,) standard deviations of brightness in [0, 1].
    """
    scene = maximum_filter1d(contrasts, 2 * SCENE_TICKS + 1, mode="nearest")
    seen = scene >= LEAST_CONTRAST
    plain = seen & (contrasts < PLAIN * scene)
    faded = seen & ~plain & (contrasts < FADED * scene)
    return np.asarray((faded & _near(plain)) | (plain & _near(faded)))


def _near(found: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return np.asarray(maximum_filter1d(found, 2 * FADE_TICKS + 1, mode="constant"))
