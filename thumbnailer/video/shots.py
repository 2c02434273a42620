"""One-second shots, and which of them are fit to be chosen."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from thumbnailer.settings import DEFAULT_TRIM, Trim
from thumbnailer.video.fitness import BLACK_BADNESS, LENIENCE, badness, tolerable
from thumbnailer.video.measures import DOUBTFUL, FrameMeasures
from thumbnailer.video.ticks import TICKS_PER_S

RULES_VERSION = 11  # to be raised when other shots of the same measures may be chosen
SHOT_LENGTH_S = 1.0
SHOTS_IN_A_GIF = 3
TRIMMED_S = 2  # at the start and at the end, unless told otherwise
CUT_DIFFERENCE = 0.06  # of full brightness, averaged over the picture
CUT_RATIO = 3.0  # times the change around it
CUT_NEIGHBOURHOOD_TICKS = 4
MIN_CHOICE = 0.15  # of the shots between intro and outro: a dark film must keep a choice
AVOIDABLE_CUT_BADNESS = 0.1
OUTSIDE_BADNESS = 0.6 * BLACK_BADNESS  # in intro or outro: still better than black
EMPTY_BADNESS = 1.0  # of black, or of one plain colour
DAMAGED_SHARE_BADNESS = 1.0  # of a shot that is damaged throughout, beside that of its pictures


def shot_count(frames: FrameMeasures) -> int:
    """Return how many whole seconds the video has; what is left over is in no shot."""
    return len(frames.luma) // TICKS_PER_S


def cut_ticks(frames: FrameMeasures) -> NDArray[np.bool_]:
    """Return (ticks,) bool: a new scene begins at this tick.

    A cut is a change that is large, and large against the changes within a third of a second.
    """
    width = 2 * CUT_NEIGHBOURHOOD_TICKS + 1
    change = frames.difference.astype(np.float64)
    around = (uniform_filter1d(change, width, mode="nearest") * width - change) / (width - 1)
    return np.asarray((change >= CUT_DIFFERENCE) & (change >= CUT_RATIO * around))


def eligible_shots(frames: FrameMeasures, trim: Trim = DEFAULT_TRIM) -> NDArray[np.int64]:
    """Return the shots fit for a thumbnail, in time order: at least 3 where the video has 3.

    A shot is as bad as its worst picture, or where every shot has an empty one as its pictures on
    average, and worse the more of it is damaged; one in the intro or outro is worse, and a little
    one across a cut where a shot beside it is not. Those without a fault may be chosen. Where they
    are fewer than 15 % of what lies between intro and outro, some that are hardly worse may be,
    too; where they are fewer than 3, the best of the rest. Where the third is far worse than the
    first, as where one second of a black film is lit, there are just 3.
    """
    count = shot_count(frames)
    if count <= SHOTS_IN_A_GIF:
        return np.arange(count)
    inner = _inner(count, trim)
    pictures = _by_shot(badness(frames), count)
    unfit = pictures.max(axis=1)
    if unfit.min() >= EMPTY_BADNESS:
        unfit = pictures.mean(axis=1)
    unfit += OUTSIDE_BADNESS * ~inner
    unfit += DAMAGED_SHARE_BADNESS * _by_shot(frames.errors >= DOUBTFUL, count).mean(axis=1)
    unfit += AVOIDABLE_CUT_BADNESS * _avoidable_cut(frames, unfit)
    best_first = np.argsort(unfit, kind="stable")
    if unfit[best_first[SHOTS_IN_A_GIF - 1]] > max(OUTSIDE_BADNESS, unfit.min() + LENIENCE):
        return np.sort(best_first[:SHOTS_IN_A_GIF])
    wanted = int(np.ceil(MIN_CHOICE * inner.sum()))
    return np.flatnonzero(unfit <= tolerable(unfit, needed=SHOTS_IN_A_GIF, wanted=wanted))


def _inner(count: int, trim: Trim) -> NDArray[np.bool_]:
    inner = np.zeros(count, dtype=bool)
    inner[trim.intro.shots(count) : max(0, count - trim.outro.shots(count))] = True
    return inner


def _avoidable_cut(frames: FrameMeasures, unfit: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return (shots,) bool: a cut runs through it, and one beside it has none and is no worse."""
    # A cut at a shot's first tick is the shot's own beginning.
    straddles = _by_shot(cut_ticks(frames), len(unfit))[:, 1:].any(axis=1)
    steady = np.where(straddles, np.inf, unfit)
    beside = np.full_like(unfit, np.inf)
    beside[1:] = steady[:-1]
    beside[:-1] = np.minimum(beside[:-1], steady[1:])
    return np.asarray(straddles & (beside <= unfit))


def _by_shot(ticks: NDArray[Any], count: int) -> NDArray[Any]:
    return ticks[: count * TICKS_PER_S].reshape(count, TICKS_PER_S)
