"""Spots of a damaged film that come from nowhere: blocks that jump while all else goes on.

Noise that a decoder took for film need not last to the next keyframe, nor reach the end of the
picture: films code blocks anew now and then. What moves at once, or flashes, looks the same, so
that it tells only where the film is known to be damaged.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

from thumbnailer.video.blocks import GOES_ON, LEAST, TIMES, block_means, unexplained
from thumbnailer.video.gray_film import GrayFilm
from thumbnailer.video.ticks import TICKS_PER_S, tick_at

MOST_SHARE = 0.25  # of the picture: more is another scene
# So many times as hard as the other way round it is to find what goes in the picture behind. What
# is as hard to find both ways is what comes.
ODD = 1.5


def spotted_s(film: GrayFilm, keyframes_s: list[float]) -> list[tuple[float, float]]:
    """Return the seconds, from and to, that a spot may be on screen.

    One that is seen to come may stay to the next keyframe. Where it is seen to go as something
    else that comes, the picture before shows it. One that goes alone, and was not seen to come, may
    be there since the last keyframe: the film may begin with it.

    Args:
        film: seen whole.
        keyframes_s: the seconds at which its keyframes begin, in order.
    """
    begins = sorted(map(tick_at, keyframes_s))
    spans_s, came = [], -1
    for tick, comes in _changes(film):
        place = int(np.searchsorted(begins, tick, side="right"))
        begin = begins[place - 1] if place else 0
        if comes:
            end = begins[place] if place < len(begins) else tick + TICKS_PER_S
            spans_s.append(((tick - 1) / TICKS_PER_S, end / TICKS_PER_S))
            came = tick
        elif came < begin:
            spans_s.append((begin / TICKS_PER_S, (tick + 1) / TICKS_PER_S))
    return spans_s


def _changes(film: GrayFilm) -> Iterator[tuple[int, bool]]:
    """Yield the first tick that shows a spot, and True; or the last one, and False."""
    done = 0
    for before, count, pictures in film.parts(1):
        grays = pictures.astype(np.float32)
        # No block is further from the likest near its place than from its place itself.
        jumps = block_means(np.abs(np.diff(grays, axis=0))).max(axis=(1, 2)) > LEAST
        looked_at = map(int, np.flatnonzero(maximum_filter1d(jumps, 3)))
        coming, going = {}, {}
        for step in looked_at:
            coming[step] = unexplained(grays[step + 1], grays[step])
            going[step] = unexplained(grays[step], grays[step + 1])
        for place in range(1, len(jumps)):
            last, tick = place - 1, done - before + place
            if jumps[last] and _is_spot(coming[last], TIMES * coming[place]):
                yield tick, True
            if jumps[place]:
                usual = np.maximum(TIMES * going[last], ODD * coming[place])
                if _is_spot(going[place], usual):
                    yield tick, False
        done += count


def _is_spot(change: NDArray[np.float32], usual: NDArray[np.float32]) -> bool:
    """Tell whether some blocks jump, and the others go on.

    Args:
        change: (9, 16) levels by which each block differs from the likest in the picture on the
            other side of the jump.
        usual: (9, 16) by which it may, by what is seen on its own side, and the other way round.
    """
    jumps = change > np.maximum(LEAST, usual)
    return 0 < jumps.mean() <= MOST_SHARE and float(np.median(change)) <= GOES_ON
