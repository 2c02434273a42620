"""Dissolves, fades, wipes and pushes, by arithmetic or by a small network of our own.

Of a long dissolve or fade that is linear each picture is the mean of two as far from it. A fade,
however short, takes the contrast away. The rest is left to the network.

That sees how alike the pictures of some two seconds are, not what they show: patterns of
self-similarity are learned as by Cooper, Liu and Rieffel, "Video segmentation via temporal pattern
classification", IEEE Transactions on Multimedia, 2007. thumbnailer/weights/transitions.md says of
what it learned. NumPy computes it: the pass that looks at a film need not load PyTorch.
"""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import grey_opening, minimum_filter1d

from thumbnailer.video.fades import are_faded
from thumbnailer.video.mixtures import REACHES_TICKS, mixture_residuals
from thumbnailer.video.self_similarity import LAGS_TICKS, SIZES, looks_of, self_similarity

WEIGHTS = Path(__file__).parents[1] / "weights" / "transitions.npz"
DILATIONS = (1, 1, 2, 4, 1)  # of its convolutions over time, of 1, 5, 5, 5 and 1 pictures
WIDTHS = (1, 5, 5, 5, 1)
MOST_RESIDUAL = 0.2  # of runs below it in 14 real clips 34 s are dissolves and fades, 1 s is not
DISSOLVED_TICKS = 4  # before and after
LEAST_CONTRAST = 0.01  # a picture of less is plain: nothing is mixed in it
LEAST_TICKS = 2  # what is mixed for less is a cut
NETWORK_TICKS = sum((width - 1) * step // 2 for width, step in zip(WIDTHS, DILATIONS, strict=True))
MARGIN_TICKS = NETWORK_TICKS + LEAST_TICKS  # before and after a picture: what it is judged by
CONTRAST = len(SIZES) * len(LAGS_TICKS) + 1  # its column of patterns

Numbers = NDArray[np.float32]  # (T, C)


def descriptions(
    pictures: NDArray[np.uint8], grays: NDArray[np.float32], gradients: NDArray[np.float32]
) -> Numbers:
    """Return (T, 489) what is to be known of each picture and of those up to 6 ticks from it.

    Args:
        pictures: (T, h, w) gray, twelve a second, T >= 1.
        grays: the same, of brightness in [0, 1].
        gradients: (T, h, w) the size of each pixel's.
    """
    pixels = (1, 2)
    whole = np.stack([grays.mean(pixels), grays.std(pixels), gradients.mean(pixels)], axis=1)
    looks = looks_of(pictures, grays, gradients)
    return np.concatenate([looks, whole, mixture_residuals(grays)], axis=1)


def patterns(described: Numbers) -> Numbers:
    """Return (T, 65) what the network goes by: likeness to pictures up to 12 ticks from each.

    Args:
        described: (T, 489).
    """
    looks = sum(SIZES)
    return np.concatenate([self_similarity(described[:, :looks]), described[:, looks:]], axis=1)


def chances(patterns: Numbers) -> NDArray[np.float32]:
    """Return (T,), 0 to 1: how sure it is that the picture is amid a transition.

    Args:
        patterns: (T, 65), T >= 1, of which each tells of those up to ``MARGIN_TICKS`` from it.
    """
    contrasts = patterns[:, CONTRAST]
    lasting = grey_opening(_answers(patterns), LEAST_TICKS, mode="nearest")
    found = np.where(_are_dissolved(patterns), np.float32(1), lasting)
    found = np.where(contrasts < LEAST_CONTRAST, np.float32(0), found)
    return np.where(are_faded(contrasts.astype(np.float64)), np.float32(1), found)


def _are_dissolved(patterns: Numbers) -> NDArray[np.bool_]:
    """Return (T,) bool: a linear dissolve reaches as far on both sides of a picture next to it."""
    residuals = patterns[:, 2 * REACHES_TICKS.index(DISSOLVED_TICKS) - 2 * len(REACHES_TICKS)]
    reached = minimum_filter1d(residuals, 2 * DISSOLVED_TICKS - 1, mode="nearest")
    return np.asarray(reached < MOST_RESIDUAL)


def _answers(patterns: Numbers) -> NDArray[np.float32]:
    """Return (T,) the network's answers, by the weights that come with it."""
    weights = _weights()
    rows = (patterns - weights["mean"]) / weights["scale"]
    rows = np.pad(rows, ((NETWORK_TICKS, NETWORK_TICKS), (0, 0)), mode="edge")
    for layer, step in enumerate(DILATIONS):
        rows = _convolved(rows, weights[f"weight{layer}"], step) + weights[f"bias{layer}"]
        if layer < len(DILATIONS) - 1:
            rows = np.maximum(rows, 0)
    return np.asarray((1 + np.tanh(rows[:, 0] / 2)) / 2, dtype=np.float32)


def _convolved(rows: Numbers, weight: NDArray[np.float32], step: int) -> Numbers:
    """Return (T - (K - 1) step, D) sums over K of (T, C) rows, by (K, C, D) weights."""
    count = len(rows) - (len(weight) - 1) * step
    parts = [rows[place * step :][:count] @ part for place, part in enumerate(weight)]
    return np.asarray(sum(parts[1:], start=parts[0]))


@cache
def _weights() -> dict[str, NDArray[np.float32]]:
    with np.load(WEIGHTS, allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) for name in file.files}
