"""Edges of small gray pictures, and how many of them are new or gone in the next one."""

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

REACH = 2  # pixels of 64 that an edge may move unnoticed; Hecate: 5 of 160

Gradient = tuple[NDArray[np.float32], NDArray[np.float32]]


def gradient(grays: NDArray[np.float32]) -> Gradient:
    """Return the (…, H, W) Sobel slopes of brightness down and across."""
    down, across = (correlate1d(grays, [-1, 0, 1], axis=axis) for axis in (-2, -1))
    return correlate1d(down, [1, 2, 1], axis=-1), correlate1d(across, [1, 2, 1], axis=-2)


def edge_maps(slopes: Gradient, counts: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return (T, H, W) bool: the slope is at least Otsu's threshold of brightness.

    Hecate thins the edges as well (Canny, thresholds θ and 1.2 θ); on pictures this small they
    are left as they are.

    Args:
        slopes: of brightness in [0, 1], as of ``gradient``.
        counts: (T, bins) histograms of brightness.
    """
    down, across = slopes
    return np.asarray(np.abs(down) + np.abs(across) >= otsu_thresholds(counts)[:, None, None])


def otsu_thresholds(counts: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the (T,) brightnesses in [0, 1] that best part dark from light (Otsu 1979, Eq. 18).

    Args:
        counts: (T, bins) histograms of brightness.
    """
    bins = counts.shape[1]
    share = counts / counts.sum(axis=1, keepdims=True)
    dark = np.cumsum(share, axis=1)[:, :-1]  # ω(k)
    weighted = np.cumsum(share * np.arange(bins), axis=1)  # μ(k), of bins
    parted = weighted[:, -1:] * dark - weighted[:, :-1]
    between = parted**2 / np.maximum(dark * (1 - dark), 1e-12)  # σ_B²(k)
    return np.asarray((np.argmax(between, axis=1) + 1) / bins)


def edge_change_ratios(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return (T,) the larger share of edges gone or new (Zabih, Miller & Mai, 1995); 0 to 1.

    An edge that moves by up to two pixels up, down or sideways is neither; a picture without
    edges has none that are gone or new.

    Args:
        before: (T, H, W) edges of pictures.
        after: (T, H, W) edges of those that follow.
    """
    gone = _shares_outside(before, _spread(after))
    return np.maximum(gone, _shares_outside(after, _spread(before)))


def _shares_outside(edges: NDArray[np.bool_], near: NDArray[np.bool_]) -> NDArray[np.float64]:
    totals = np.count_nonzero(edges, axis=(1, 2))
    return np.asarray(np.count_nonzero(edges & ~near, axis=(1, 2)) / np.maximum(totals, 1))


def _spread(edges: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Dilate (T, H, W) edges by a cross."""
    spread = edges.copy()
    for step in range(1, REACH + 1):
        spread[:, step:] |= edges[:, :-step]
        spread[:, :-step] |= edges[:, step:]
        spread[:, :, step:] |= edges[:, :, :-step]
        spread[:, :, :-step] |= edges[:, :, step:]
    return spread
