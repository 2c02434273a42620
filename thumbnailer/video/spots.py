"""Spots of a damaged film that come from nowhere: blocks that jump while all else goes on.

Noise that a decoder took for film need not last to the next keyframe, nor reach the end of the
picture: films code blocks anew now and then. What moves at once, or flashes, looks the same, so
that it tells only where the film is known to be damaged.
"""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.blocks import GOES_ON, LEAST, TIMES, unexplained
from thumbnailer.video.gray_film import GrayFilm
from thumbnailer.video.ticks import TICKS_PER_S, tick_at

MOST_SHARE = 0.25  # of the picture: more is another scene


def spotted_s(film: GrayFilm, keyframes_s: list[float]) -> list[tuple[float, float]]:
    """Return the seconds, from and to, from just before a spot to the next keyframe.

    Where it is seen to go, and not to come, the picture before shows it.

    Args:
        film: seen whole.
        keyframes_s: the seconds at which its keyframes begin, in order.
    """
    ends = sorted(map(tick_at, keyframes_s))
    spans_s = []
    for tick in _ticks(film):
        place = int(np.searchsorted(ends, tick, side="right"))
        end = ends[place] if place < len(ends) else tick + TICKS_PER_S
        spans_s.append(((tick - 1) / TICKS_PER_S, end / TICKS_PER_S))
    return spans_s


def _ticks(film: GrayFilm) -> Iterator[int]:
    """Yield the ticks at which a spot comes or goes."""
    done = 0
    for before, count, pictures in film.parts(1):
        grays = pictures.astype(np.float32)
        changes = [unexplained(here, last) for last, here in pairwise(grays)]
        for place, (change, following) in enumerate(pairwise(changes), start=1):
            if _is_spot(change, following):
                yield done - before + place
        done += count


def _is_spot(change: NDArray[np.float32], following: NDArray[np.float32]) -> bool:
    """Tell whether some blocks jump and stay so for a tick, and the others go on.

    Args:
        change: (9, 16) levels by which each block differs from the picture before.
        following: (9, 16) the same of the next picture.
    """
    jumps = change > np.maximum(LEAST, TIMES * following)
    return 0 < jumps.mean() <= MOST_SHARE and float(np.median(change)) <= GOES_ON
