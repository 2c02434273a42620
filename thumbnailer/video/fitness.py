"""Faults of each tick's picture for a thumbnail: dark, flat, blurred, mixed, damaged.

Every fault has a degree, so that of a poor video the best is shown, and not just anything.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from thumbnailer.video.measures import DOUBTFUL, FrameMeasures

DARK_LUMA = 0.075  # as in Hecate
FLAT_SHARE = 0.75  # Hecate: 0.80; lettering on one colour is 0.79 on pictures this small
BLUR_SHARPNESS = 0.08  # as in Hecate, or else ...
BLUR_SHARE = 0.5  # ... of what half of the film's pictures reach: some films are soft
LEAST_CHANCE = 0.25  # of a transition
TRANSITION_BADNESS = 0.5
BLACK_BADNESS = 1.2  # a plain colour, flat and without edges as black is, must not count as alike
DAMAGED_BADNESS = 1.2  # as black, and up to 1 more
MANY_ERRORS = 10
# Decoders hand out in play order, but a damaged frame spoils some that were coded after it: what is
# shown just before may be damaged, and is better than what is.
REORDER_TICKS = 4
BEFORE_DAMAGE_BADNESS = 0.25
SPOTTED_BADNESS = 0.7  # no choice beside a mixed picture: that is the film
OTHERS_SHARE = 0.1
LENIENCE = (
    0.25  # what is so little worse than the best may stand beside it, for there to be a choice
)
ALIKE = 0.1  # of poor pictures, those that differ so little are taken as alike


def faults(frames: FrameMeasures) -> dict[str, NDArray[np.float64]]:
    """Return how bad each tick's picture is, (ticks,), by what is wrong with it.

    0 is fit; 1 is one flat colour, or without any edge; black and damage are worse.
    """
    blur_limit = min(BLUR_SHARPNESS, BLUR_SHARE * float(np.median(frames.sharpness)))
    errors = frames.errors.astype(np.float64)
    is_damaged = errors >= DOUBTFUL
    is_before_damage = ~is_damaged & (_soon(is_damaged.astype(float), REORDER_TICKS) > 0)
    return {
        "dark": BLACK_BADNESS * _shortfall(frames.luma, DARK_LUMA),
        "flat": _shortfall(1 - frames.flatness, 1 - FLAT_SHARE),
        "blurred": _shortfall(frames.sharpness, blur_limit),
        "in a transition": TRANSITION_BADNESS * transition_ticks(frames).astype(np.float64),
        "damaged": is_damaged * (DAMAGED_BADNESS + errors / (errors + MANY_ERRORS))
        + is_before_damage * BEFORE_DAMAGE_BADNESS,
        "perhaps damaged": ((errors > 0) & ~is_damaged) * SPOTTED_BADNESS,
    }


def badness(frames: FrameMeasures) -> NDArray[np.float64]:
    """Return (ticks,) how bad each tick's picture is, mostly by its worst fault; 0 where it is fit.

    The others count a little: of pictures that are all as flat as can be the lightest is best.
    """
    degrees = np.stack(list(faults(frames).values()))
    others = degrees.mean(axis=0)
    return np.asarray(degrees.max(axis=0) * (1 - OTHERS_SHARE) + others * OTHERS_SHARE)


def names_of_faults(frames: FrameMeasures, ticks: slice) -> list[str]:
    """Return in words what is wrong with some picture of these ticks; empty where they are fit."""
    return [name for name, degrees in faults(frames).items() if degrees[ticks].any()]


def tolerable(badness: NDArray[np.float64], *, needed: int, wanted: int) -> float:
    """Return up to which badness one may choose, so that nothing poor is taken without need.

    Args:
        badness: (n,) of what there is to choose from, n >= 1.
        needed: so many must be allowed, however bad, and what is like them; all where there are
            fewer.
        wanted: so many should be, where they are hardly worse than those needed.
    """
    ordered = np.sort(badness)
    worst_needed, worst_wanted = (
        float(ordered[min(count, len(ordered)) - 1]) for count in (needed, max(needed, wanted))
    )
    alike = worst_needed + ALIKE if worst_needed else 0.0
    return max(alike, min(worst_wanted, worst_needed + LENIENCE))


def transition_ticks(frames: FrameMeasures) -> NDArray[np.bool_]:
    """Return (ticks,) bool: the picture is in the midst of a dissolve, fade or wipe."""
    return np.asarray(frames.transition >= LEAST_CHANCE)


def _soon(values: NDArray[np.float64], ticks: int) -> NDArray[np.float64]:
    """Return the largest of each value and those of so many ticks to come."""
    return np.asarray(maximum_filter1d(values, ticks + 1, origin=-(ticks // 2), mode="nearest"))


def _shortfall(values: NDArray[np.float32], limit: float) -> NDArray[np.float64]:
    """Return by which share of the limit values fall short of it: 0 to 1."""
    short = np.maximum(limit - values.astype(np.float64), 0.0)
    return short / limit if limit > 0 else short
