"""A damaged film's least: three full seconds of which nothing is lost, broken or in doubt.

Spots tell nothing of films in which much flashes or moves at once, and which have them everywhere.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import DamagedVideoError
from thumbnailer.video.measures import DOUBTFUL, SPOTTED
from thumbnailer.video.ticks import TICKS_PER_S

LEAST_SHOTS = 3  # what a GIF needs
MOST_SPOTTED = 0.5  # of the film's time without other errors


def check_soundness(path: Path, errors: NDArray[np.float32]) -> None:
    """Refuse a damaged film of which next to nothing is left.

    Args:
        path: the film, for the message.
        errors: (ticks,) how much is lost at each (thumbnailer.video.measures).

    Raises:
        DamagedVideoError: where fewer than three full seconds are sound.
    """
    sound = sound_shots(errors)
    if sound < LEAST_SHOTS:
        raise DamagedVideoError(
            f"{path} is damaged, and only {sound} full seconds of it are surely whole, must be "
            f"{LEAST_SHOTS} or more: upload it again, or export it again from its source"
        )


def sound_shots(errors: NDArray[np.float32]) -> int:
    """Return how many full seconds are without errors, which are (ticks,)."""
    others = errors[errors < DOUBTFUL]
    least = DOUBTFUL if (others > 0).sum() > MOST_SPOTTED * len(others) else SPOTTED
    count = len(errors) // TICKS_PER_S
    by_shot = errors[: count * TICKS_PER_S].reshape(count, TICKS_PER_S)
    return int((by_shot < least).all(axis=1).sum())
