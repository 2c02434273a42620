"""One-second shots, and which of them are fit to be chosen."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from thumbnailer.recipe import DEFAULT_TRIM, Trim
from thumbnailer.video.dissolves import REACH_TICKS
from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.sampling import TICKS_PER_S

RULES_VERSION = 2  # to be raised when other shots of the same measures are eligible
SHOT_LENGTH_S = 1.0
SHOTS_IN_A_GIF = 3
TRIMMED_S = 2  # at the start and at the end, unless told otherwise
DARK_LUMA = 0.075  # as in Hecate
FLAT_SHARE = 0.75  # Hecate: 0.80; lettering on one colour is 0.79 on pictures this small
CUT_DIFFERENCE = 0.06  # of full brightness, averaged over the picture
CUT_RATIO = 3.0  # times the change around it
CUT_NEIGHBOURHOOD_TICKS = 4
MIXED = 0.2  # all 29 runs of ticks below it in the 14 real clips are dissolves or fades, by eye
MIN_CHOICE = 0.15  # of the shots between intro and outro: a dark film must keep a choice


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


def mixed_ticks(frames: FrameMeasures) -> NDArray[np.bool_]:
    """Return (ticks,) bool: the picture is in the midst of a dissolve or fade."""
    found = frames.mixture < MIXED
    # The measure tells them only where they reach as far on both sides.
    return np.asarray(maximum_filter1d(found, 2 * REACH_TICKS - 1, mode="constant"))


def eligible_shots(frames: FrameMeasures, trim: Trim = DEFAULT_TRIM) -> NDArray[np.int64]:
    """Return the shots fit for a thumbnail, in time order: at least 3 where the video has 3.

    Left out are intro and outro, shots with a dark or flat picture in them (black, blanks, plain
    titles), shots with a dissolve or fade in them, and shots across a cut where a shot beside it is
    not. Where less than 15 % of what lies between (or fewer than 3 shots) would be left, the rules
    are dropped from the last to the first, and at the very end intro and outro are let in.
    """
    count = shot_count(frames)
    inner = _inner(count, trim)
    needed = max(SHOTS_IN_A_GIF, int(np.ceil(MIN_CHOICE * inner.sum())))
    clean = inner & ~_blank(frames, count)
    steady = clean & ~_by_shot(mixed_ticks(frames), count).any(axis=1)
    for allowed in (steady & ~_avoidable_cut(frames, steady), steady, clean, inner):
        if allowed.sum() >= needed:
            return np.flatnonzero(allowed)
    return np.flatnonzero(inner) if inner.sum() >= SHOTS_IN_A_GIF else np.arange(count)


def _inner(count: int, trim: Trim) -> NDArray[np.bool_]:
    inner = np.zeros(count, dtype=bool)
    inner[trim.intro.shots(count) : max(0, count - trim.outro.shots(count))] = True
    return inner


def _blank(frames: FrameMeasures, count: int) -> NDArray[np.bool_]:
    """Return (shots,) bool: some picture in it is dark or flat."""
    bad = (frames.luma <= DARK_LUMA) | (frames.flatness >= FLAT_SHARE)
    return np.asarray(_by_shot(bad, count).any(axis=1))


def _avoidable_cut(frames: FrameMeasures, clean: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return (shots,) bool: a cut runs through it, and a clean shot beside it has none."""
    # A cut at a shot's first tick is the shot's own beginning.
    straddles = _by_shot(cut_ticks(frames), len(clean))[:, 1:].any(axis=1)
    good = clean & ~straddles
    beside = np.zeros_like(good)
    beside[1:] |= good[:-1]
    beside[:-1] |= good[1:]
    return np.asarray(straddles & beside)


def _by_shot(ticks: NDArray[np.bool_], count: int) -> NDArray[np.bool_]:
    return ticks[: count * TICKS_PER_S].reshape(count, TICKS_PER_S)
