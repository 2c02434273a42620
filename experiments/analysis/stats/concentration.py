"""Concentration: the share of all views that the busiest viewers make.

The more it is, the more the viewers' own tastes add to the error (docs/statistics.md).
"""

from math import ceil, nan

import numpy as np

from experiments.analysis.stats.records import IntArray

BUSIEST = 0.01


def viewers_by_views(viewer: IntArray, views: IntArray) -> IntArray:
    """Return how many viewers have 0, 1, 2 … views, int64 (most views + 1,).

    Args:
        viewer: code of each row's viewer, from 0 and none left out, (N,).
        views: of each row, (N,).
    """
    # float64 sums of whole numbers are exact up to 2^53.
    return np.bincount(np.bincount(viewer, weights=views).astype(np.int64))


def busiest_share(viewers: IntArray) -> float:
    """Return the share of the views that the busiest 1 % of the viewers make; nan without views.

    Args:
        viewers: how many have 0, 1, 2 … views, (M,). Those without any are no viewers.
    """
    views = np.arange(viewers.size)
    total = int(viewers @ views)
    if not total:
        return nan
    busiest = ceil(BUSIEST * int(viewers[1:].sum()))
    # Of the viewers with more and more views, from the busiest on, so many are still taken.
    reached = np.minimum(np.cumsum(viewers[:0:-1]), busiest)
    taken = np.diff(reached, prepend=0)
    return float(taken @ views[:0:-1] / total)
