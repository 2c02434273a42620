"""The projection that a network reads features through, fitted on training videos alone."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from thumbnailer.selection.parts.within_video import within_video
from thumbnailer.training.data import LabelledVideo


def fit_projection(
    videos: Sequence[LabelledVideo], width: int, *, penalty: float, interest: float
) -> NDArray[np.float64]:
    """Return the (D, width) matrix: how interesting shots are, and what they look like.

    The first column is the ridge regression of comments, scaled to ``interest`` times the length
    of all others together; the others are the principal components, scaled by one number so that
    a training shot's projection on them has unit mean square length.
    """
    rows = np.concatenate([shots_within(v) for v in videos])
    weight = _video_weights(videos) / len(videos)
    _, axes = np.linalg.eigh((rows * weight[:, None]).T @ rows)
    appearance = axes[:, ::-1][:, : width - 1]
    ridge = _ridge(rows, videos, penalty)[:, None]
    column, others = (
        part / np.sqrt(_mean_square(rows @ part, weight)) for part in (ridge, appearance)
    )
    return np.concatenate([interest * column, others], axis=1)


def shots_within(video: LabelledVideo) -> NDArray[np.float64]:
    """Return the (n, D) features that selectors which learn read."""
    return within_video(torch.from_numpy(video.features)).double().numpy()


def _ridge(
    rows: NDArray[np.float64], videos: Sequence[LabelledVideo], penalty: float
) -> NDArray[np.float64]:
    target = np.concatenate([v.counts - v.counts.mean() for v in videos])
    weight = _video_weights(videos)
    gram = (rows * weight[:, None]).T @ rows
    gram[np.diag_indices_from(gram)] += penalty
    return np.asarray(np.linalg.solve(gram, rows.T @ (weight * target)))


def _video_weights(videos: Sequence[LabelledVideo]) -> NDArray[np.float64]:
    return np.concatenate([np.full(len(v.features), 1 / len(v.features)) for v in videos])


def _mean_square(rows: NDArray[np.float64], weight: NDArray[np.float64]) -> float:
    return float((np.square(rows).sum(axis=1) * weight).sum())
