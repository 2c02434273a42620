"""A video's scenes as Hecate finds them (Song et al., CIKM 2016): runs of good, steady frames.

Hecate calls them shots; here a shot is one second. Its limits on differences of frames are stated
for 160 pixels and the video's own frame rate; they are converted to ``FrameMeasures``, roughly.
"""

import numpy as np
from numpy.typing import NDArray

from thumbnailer.selection.parts.least_motion import poor_frames
from thumbnailer.selection.parts.spacing import non_maximum_suppression
from thumbnailer.video.fitness import transition_ticks
from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.ticks import TICKS_PER_S

FASTEST_SHARE = 0.10  # transitions are among the 10 % of frames that change most
CUT_MOTION = 0.10
CUT_EDGE_CHANGE = 0.10
LONG_TICKS = 6 * TICKS_PER_S  # a longer scene is cut where it moves most
PIECE_TICKS = 2 * TICKS_PER_S
SHORTEST_TICKS = 3


def find_scenes(frames: FrameMeasures, eligible: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (S, 2) int64 first and end tick of each scene, in time order; S may be 0.

    Args:
        frames: measures of the video.
        eligible: (m,) seconds that may be chosen; scenes lie between the first and the last.
    """
    good = ~poor_frames(frames) & ~_transitions(frames)
    good[: eligible[0] * TICKS_PER_S] = False
    good[(eligible[-1] + 1) * TICKS_PER_S :] = False
    for first, end in _runs(good):
        if end - first >= LONG_TICKS:
            liveliest = np.argsort(-frames.motion[first:end], kind="stable")
            jumps = first + non_maximum_suppression(liveliest, PIECE_TICKS)
            good[jumps] = good[np.maximum(jumps - 1, 0)] = False
    runs = _runs(good)
    return runs[np.diff(runs, axis=1)[:, 0] >= SHORTEST_TICKS]


def _transitions(frames: FrameMeasures) -> NDArray[np.bool_]:
    """Return (ticks,) bool: the frame is part of a cut, fade, dissolve or wipe."""
    changing = _most(frames.motion, CUT_MOTION) | _most(frames.edge_change, CUT_EDGE_CHANGE)
    return changing | transition_ticks(frames)


def _most(values: NDArray[np.float32], least: float) -> NDArray[np.bool_]:
    limit = max(least, float(np.quantile(values, 1 - FASTEST_SHARE)))
    return np.asarray(values >= limit)


def _runs(good: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return (R, 2) first and end index of each run of True."""
    edges = np.flatnonzero(np.diff(good.astype(np.int8), prepend=0, append=0))
    return edges.reshape(-1, 2).astype(np.int64)
