"""The fit of our own model.

Its members' penalties and bandwidths were chosen on validation videos. To choose one pair for each
fit, by folds within the videos it is given, was worse there than the mean of all (docs/models.md).

Shapes: V videos, N shots of all of them, D features, M members.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from thumbnailer.selection.parts.shot_features import shot_features
from thumbnailer.selection.shot_scorer import ShotScorer, ShotScorerConfig, ShotScorerNetwork
from thumbnailer.training.data import LabelledVideo
from thumbnailer.training.evaluate import published_score

EVERY_S = 3  # seconds between the shots that are fitted; smoothed features differ little in between
EXPONENT = 1.5
PENALTIES = (20.0, 60.0)
NARROWNESSES = (2.0, 4.0, 8.0)  # the median squared distance of two videos, in bandwidths


@dataclass(frozen=True, slots=True)
class Material:
    """What is computed once for all members and folds.

    Attributes:
        videos: V of them.
        rows: (N, D + 3) float32 features of every third shot.
        owner: (N,) which video a row is of.
        targets: (N,) comment shares above the video's mean.
        products: (N, N) inner products of rows.
        distances: (V, V) squared distances of the videos' mean features.
    """

    videos: Sequence[LabelledVideo]
    rows: NDArray[np.float32]
    owner: NDArray[np.int64]
    targets: NDArray[np.float32]
    products: NDArray[np.float32]
    distances: NDArray[np.float64]


def fit_shot_scorer(videos: Sequence[LabelledVideo]) -> tuple[ShotScorerNetwork, float]:
    """Fit all videos, and return with it the mean PS of each fold by a fit of the others."""
    material = _material(videos)
    return _fit(material, np.arange(len(videos))), _left_out_score(material)


def _left_out_score(material: Material) -> float:
    """Return the mean PS of the published GIFs; nan where there is one fold alone."""
    folds = np.asarray([video.fold for video in material.videos])
    scores = []
    for fold in np.unique(folds) if len(np.unique(folds)) > 1 else ():
        selector = ShotScorer(_fit(material, np.flatnonzero(folds != fold)), "in training")
        left_out = np.flatnonzero(folds == fold).tolist()
        scores += [published_score(selector, material.videos[i]) for i in left_out]
    return float(np.mean(scores)) if scores else float("nan")


def _material(videos: Sequence[LabelledVideo]) -> Material:
    described = [shot_features(torch.from_numpy(v.features)).numpy()[::EVERY_S] for v in videos]
    rows = np.concatenate(described)
    means = np.stack([video.features.mean(axis=0) for video in videos]).astype(np.float64)
    squares = np.square(means).sum(axis=1)
    return Material(
        videos=videos,
        rows=rows,
        owner=np.repeat(np.arange(len(videos)), [len(shots) for shots in described]),
        targets=np.concatenate([_target(video)[::EVERY_S] for video in videos]),
        products=rows @ rows.T,
        distances=np.maximum(squares[:, None] + squares - 2 * means @ means.T, 0.0),
    )


def _target(video: LabelledVideo) -> NDArray[np.float32]:
    share = (video.counts / video.counts.max()) ** EXPONENT
    return np.asarray(share - share.mean(), dtype=np.float32)


def _fit(material: Material, chosen: NDArray[np.int64]) -> ShotScorerNetwork:
    """Fit every member to the chosen videos."""
    among = material.distances[np.ix_(chosen, chosen)]
    median = float(np.median(among[np.triu_indices(len(chosen), 1)]))
    members = list(product([median / narrowness for narrowness in NARROWNESSES], PENALTIES))
    config = ShotScorerConfig(
        feature_dim=material.videos[0].features.shape[1],
        videos=len(chosen),
        bandwidths=tuple(bandwidth for bandwidth, _ in members),
        penalties=tuple(penalty for _, penalty in members),
        exponent=EXPONENT,
    )
    network = ShotScorerNetwork(config)
    for place, video in enumerate(chosen):
        network.means[place] = torch.from_numpy(material.videos[video].features.mean(axis=0))
    for member, (bandwidth, penalty) in enumerate(members):
        weights = _ridge(material, chosen, np.exp(-among / bandwidth), penalty)
        network.weights[member] = torch.from_numpy(weights)
    return network


def _ridge(
    material: Material, chosen: NDArray[np.int64], alike: NDArray[np.float64], penalty: float
) -> NDArray[np.float32]:
    """Solve (K + penalty·N_v I) a = y over the chosen videos' rows, and return Σ a x of each.

    Args:
        material: of all videos.
        chosen: (C,) indices of videos.
        alike: (C, C) their kernel.
        penalty: as above.

    Returns:
        (C, D + 3).
    """
    rows = np.flatnonzero(np.isin(material.owner, chosen))
    owner = np.searchsorted(chosen, material.owner[rows])
    kernel = alike.astype(np.float32)[np.ix_(owner, owner)]
    kernel *= material.products[np.ix_(rows, rows)]
    # Each video counts alike, however long: its rows have its number of rows as variance.
    kernel[np.diag_indices_from(kernel)] += penalty * np.bincount(owner)[owner]
    solved = cho_solve(cho_factor(kernel, overwrite_a=True), material.targets[rows])
    return np.stack(
        [
            solved[owner == place] @ material.rows[rows[owner == place]]
            for place in range(len(chosen))
        ]
    )
