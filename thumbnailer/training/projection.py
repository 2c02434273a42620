"""Fits the projection that a network reads its features through, on training videos alone."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from thumbnailer.training.data import LabelledVideo


def fit_ridge(
    videos: Sequence[LabelledVideo], penalty: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit comments above the video's mean by the features: (mean (D,), weights (D,)).

    Each video counts alike, however long.
    """
    mean, rows = _centred(videos)
    target = np.concatenate([v.counts - v.counts.mean() for v in videos])
    weight = _video_weights(videos)
    gram = (rows * weight[:, None]).T @ rows
    gram[np.diag_indices_from(gram)] += penalty
    return mean, np.linalg.solve(gram, rows.T @ (weight * target))


def fit_projection(
    videos: Sequence[LabelledVideo], width: int, *, penalty: float, interest: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return (mean (D,), matrix (D, width)): what shots look like, and how interesting they are.

    The first column is the ridge regression of comments, scaled to ``interest`` times the length
    of all others together; the others are the principal components, scaled by one number so that
    a training shot's projection has unit mean square length.
    """
    mean, rows = _centred(videos)
    weight = _video_weights(videos) / len(videos)
    _, axes = np.linalg.eigh((rows * weight[:, None]).T @ rows)
    look = axes[:, ::-1][:, : width - 1]
    _, ridge = fit_ridge(videos, penalty)
    look = look / np.sqrt(_mean_square(rows @ look, weight))
    column = ridge[:, None] * (interest / np.sqrt(_mean_square(rows @ ridge[:, None], weight)))
    return mean, np.concatenate([column, look], axis=1)


def _centred(
    videos: Sequence[LabelledVideo],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    mean = np.stack([v.features.mean(axis=0) for v in videos]).astype(np.float64).mean(axis=0)
    return mean, np.concatenate([v.features for v in videos]).astype(np.float64) - mean


def _video_weights(videos: Sequence[LabelledVideo]) -> NDArray[np.float64]:
    return np.concatenate([np.full(len(v.features), 1 / len(v.features)) for v in videos])


def _mean_square(rows: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    return float((np.square(rows).sum(axis=1) * weight).sum())
