"""GIFs to judge, proposed from a video's comments (GIF Thumbnails, Annotation).

Peaks of comments away from the video's ends are drawn three at a time, in proportion to their
comments, and put in an order. The paper does not say which rules of order it used. In the 5,248
usable GIFs that its authors published no shot lies in the first or last 2 s, 62 % of the shots are
peaks (of all seconds 27 %), and the six orders are as unlike as ``ORDERS`` says: in time order most
often, and seldom with the latest shot first. Orders are drawn at these shares.
"""

from math import comb

import numpy as np
from numpy.typing import NDArray

from experiments.errors import AnnotationError

SHOTS = 3
ENDS_S = 2
PROPOSALS = 36  # the paper: more than 30
# Which shot, counted in time, comes first, second and third -> its share of the published GIFs.
ORDERS = {
    (0, 1, 2): 0.314,
    (0, 2, 1): 0.174,
    (1, 0, 2): 0.171,
    (1, 2, 0): 0.194,
    (2, 0, 1): 0.075,
    (2, 1, 0): 0.072,
}
TRIES = 200  # draws for each proposal wanted, most of which may repeat others

Shots = tuple[int, int, int]


def comment_peaks(counts: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the seconds with more comments than the one before and the one after."""
    inner = counts[1:-1]
    return np.flatnonzero((inner > counts[:-2]) & (inner > counts[2:])) + 1


def propose(
    counts: NDArray[np.float64], rng: np.random.Generator, *, wanted: int = PROPOSALS
) -> list[Shots]:
    """Return different GIFs in play order, at most ``wanted``; fewer where few can be had.

    Where the peaks away from the ends allow no such number, all seconds with comments there are
    drawn from.

    Args:
        counts: (n,) comments of each second.
        rng: of the draws.
        wanted: how many.

    Raises:
        AnnotationError: where fewer than three seconds could be drawn from.
    """
    seconds = _seconds_to_draw(counts, wanted)
    weights = counts[seconds] / counts[seconds].sum()
    found: dict[Shots, None] = {}
    for _ in range(TRIES * wanted):
        chosen = np.sort(rng.choice(seconds, SHOTS, replace=False, p=weights))
        found.setdefault(_arranged(chosen, rng))
        if len(found) == wanted:
            break
    return list(found)


def _arranged(chosen: NDArray[np.int64], rng: np.random.Generator) -> Shots:
    shares = np.asarray(list(ORDERS.values()))
    order = list(ORDERS)[rng.choice(len(ORDERS), p=shares / shares.sum())]
    first, second, third = chosen[list(order)].tolist()
    return first, second, third


def _seconds_to_draw(counts: NDArray[np.float64], wanted: int) -> NDArray[np.int64]:
    last = len(counts) - 1 - ENDS_S
    peaks = comment_peaks(counts)
    peaks = peaks[(peaks >= ENDS_S) & (peaks <= last)]
    if comb(len(peaks), SHOTS) * len(ORDERS) >= 2 * wanted:
        return peaks
    inner = np.arange(ENDS_S, max(ENDS_S, last + 1))
    commented = inner[counts[inner] > 0]
    if len(commented) < SHOTS:
        raise AnnotationError(
            f"{len(commented)} seconds away from the ends have comments, must be >= {SHOTS}"
        )
    return commented
