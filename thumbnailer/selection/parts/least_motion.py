"""The frame of least motion that is not poor, by filters like Hecate's (Song et al., CIKM 2016)."""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.fitness import badness, tolerable
from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.shots import SHOTS_IN_A_GIF
from thumbnailer.video.ticks import TICKS_PER_S

KEPT_SHARE = 0.15  # of the frames, where they are hardly worse than the best


def least_motion_s(frames: FrameMeasures, ticks: NDArray[np.int64]) -> float:
    """Return the time of the frame that moves least of those that are least bad."""
    unfit = badness(frames)[ticks]
    good = ticks[unfit == unfit.min()]
    return float(good[np.argmin(frames.motion[good])] / TICKS_PER_S)


def poor_frames(frames: FrameMeasures) -> NDArray[np.bool_]:
    """Return (ticks,) bool: worse than must be; never all of them.

    Hecate's filters drop frames only among the worst 15 % by each measure, which lets black frames
    in where there are more of them. Here all go that are worse than the best need be.
    """
    unfit = badness(frames)
    wanted = int(np.ceil(KEPT_SHARE * len(unfit)))
    return unfit > tolerable(unfit, needed=SHOTS_IN_A_GIF * TICKS_PER_S, wanted=wanted)
