"""Distances of pictures from mixtures of one before and one after.

Within a linear dissolve each picture is the mean of those as long before and after it; within a
wipe each of its parts is one of the two. What moves is not where it was and where it will be at
once, so its picture is far from both.
"""

import numpy as np
from numpy.typing import NDArray

REACHES_TICKS = (2, 4, 6)  # before and after
LONGEST_REACH_TICKS = REACHES_TICKS[-1]
APART = 0.05  # of full brightness, averaged over the picture: less is no transition
UNMIXED = 1.0
WIPED_APART = 0.1  # by a wipe more than by a thing that passes ...
WIPED_AREA = 0.3  # ... and over a larger part of the picture
LEAST_SHARE = 0.15  # of what changes, that either picture has in a wipe: with less it is a cut

Grays = NDArray[np.float32]  # (T, h, w), 0 to 1


def mixture_residuals(grays: Grays) -> NDArray[np.float32]:
    """Return (T, 6): how far pictures are from those of dissolves and wipes, of three lengths.

    They are near 0 within transitions, half and more where things move.

    ``UNMIXED`` stands where the pictures around are alike, and at either end, where there are none;
    no number is larger.
    """
    found = np.full((len(grays), 2 * len(REACHES_TICKS)), UNMIXED, np.float32)
    for number, reach in enumerate(REACHES_TICKS):
        inner = slice(reach, -reach)
        before, now, after = grays[: -2 * reach], grays[inner], grays[2 * reach :]
        if len(now):
            found[inner, 2 * number] = dissolved(before, now, after)
            found[inner, 2 * number + 1] = wiped(before, now, after)
    return np.minimum(found, np.float32(UNMIXED))


def dissolved(before: Grays, now: Grays, after: Grays) -> NDArray[np.float32]:
    """Return (T,): how far pictures are from the mean of two, as a share of how far those differ.

    Args:
        before: (T, h, w).
        now: likewise.
        after: likewise.
    """
    return _share(np.abs(now - (before + after) / 2), np.abs(after - before), APART)


def wiped(before: Grays, now: Grays, after: Grays) -> NDArray[np.float32]:
    """Return (T,): how far parts are from either of two, as a share of how far those differ.

    Args:
        before: (T, h, w).
        now: likewise.
        after: likewise.
    """
    from_before, from_after = np.abs(now - before), np.abs(now - after)
    change = np.abs(after - before)
    left_over = _share(np.minimum(from_before, from_after), change, WIPED_APART)
    share = _share(change * (from_after < from_before), change, WIPED_APART)
    has_both = (share >= LEAST_SHARE) & (share <= 1 - LEAST_SHARE)
    is_wide = (change > APART).mean(axis=(1, 2)) >= WIPED_AREA
    return np.where(has_both & is_wide, left_over, np.float32(UNMIXED))


def _share(part: Grays, change: Grays, least: float) -> NDArray[np.float32]:
    """Return (T,) means of the parts over those of the change; 1 where hardly anything changes."""
    apart = change.mean(axis=(1, 2))
    share = part.mean(axis=(1, 2)) / np.maximum(apart, least)
    return np.where(apart < least, np.float32(UNMIXED), share)
