"""Edges of a small gray picture, and how many of them are new or gone in the next one."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import sobel

REACH = 2  # pixels of 64 that an edge may move unnoticed; Hecate: 5 of 160

Gradient = tuple[NDArray[np.float32], NDArray[np.float32]]


def gradient(gray: NDArray[np.float32]) -> Gradient:
    """Return the (H, W) Sobel slopes of brightness down and across."""
    return sobel(gray, axis=0), sobel(gray, axis=1)


def edge_map(slopes: Gradient, counts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return (H, W) bool: the slope is at least Otsu's threshold of brightness.

    Hecate thins the edges as well (Canny, thresholds θ and 1.2 θ); on pictures this small they
    are left as they are.

    Args:
        slopes: of brightness in [0, 1], as of ``gradient``.
        counts: (bins,) histogram of brightness.
    """
    down, across = slopes
    return np.asarray(np.abs(down) + np.abs(across) >= otsu_threshold(counts))


def otsu_threshold(counts: NDArray[np.intp]) -> float:
    """Return the brightness in [0, 1] that best parts dark from light (Otsu 1979, Eq. 18)."""
    bins = len(counts)
    share = counts / counts.sum()
    dark = np.cumsum(share)[:-1]  # ω(k)
    weighted = np.cumsum(share * np.arange(bins))  # μ(k), of bins
    parted = weighted[-1] * dark - weighted[:-1]
    between = parted**2 / np.maximum(dark * (1 - dark), 1e-12)  # σ_B²(k)
    return float((np.argmax(between) + 1) / bins)


def edge_change_ratio(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> float:
    """Return the larger share of edges that are gone or new (Zabih, Miller & Mai, 1995); 0 to 1.

    An edge that moves by up to two pixels up, down or sideways is neither; a picture without
    edges has none that are gone or new.

    Args:
        before: (H, W) edges of the one picture.
        after: (H, W) edges of the next.
    """
    gone = _share_outside(before, _spread(after))
    return max(gone, _share_outside(after, _spread(before)))


def _share_outside(edges: NDArray[np.bool_], near: NDArray[np.bool_]) -> float:
    total = np.count_nonzero(edges)
    return np.count_nonzero(edges & ~near) / total if total else 0.0


def _spread(edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Dilate (H, W) edges by a cross."""
    spread = edges.copy()
    for step in range(1, REACH + 1):
        spread[step:] |= edges[:-step]
        spread[:-step] |= edges[step:]
        spread[:, step:] |= edges[:, :-step]
        spread[:, :-step] |= edges[:, step:]
    return spread
