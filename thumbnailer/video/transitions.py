"""Dissolves, fades and wipes: pictures that are made of one before and one after.

Within a linear dissolve each picture is the mean of those as long before and after it; within a
wipe each of its parts is one of the two. What moves is not where it was and where it will be at
once, so its picture is far from both.
"""

import numpy as np
from numpy.typing import NDArray

REACH_TICKS = 4  # before and after: what is over faster is taken for a cut or movement
APART = 0.05  # of full brightness, averaged over the picture: less is no transition
UNMIXED = 1.0
WIPED_APART = 0.1  # by a wipe more than by a thing that passes ...
WIPED_AREA = 0.3  # ... and over a larger part of the picture
LEAST_SHARE = 0.15  # of what changes, that either picture has in a wipe: with less it is a cut

Grays = NDArray[np.float32]  # (T, h, w), 0 to 1


def transition_residuals(grays: Grays) -> NDArray[np.float32]:
    """Return (T,): how far pictures are from those that transitions would show.

    They are near 0 within transitions, half and more where things move.

    ``UNMIXED`` stands where the pictures around are alike, and at either end, where there are none.
    """
    found = np.full(len(grays), UNMIXED, np.float32)
    inner = slice(REACH_TICKS, -REACH_TICKS)
    before, now, after = grays[: -2 * REACH_TICKS], grays[inner], grays[2 * REACH_TICKS :]
    if len(now):
        found[inner] = np.minimum(dissolved(before, now, after), wiped(before, now, after))
    return found


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
