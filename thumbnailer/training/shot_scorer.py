"""Fits our own model; its penalty and bandwidth are chosen by folds within the videos it is given.

Shapes: V videos, N shots of all of them, D features.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from thumbnailer.metrics import posterior_score
from thumbnailer.selection.shot_scorer import GAP_S, ShotScorerConfig, ShotScorerNetwork
from thumbnailer.selection.spacing import spaced_triples
from thumbnailer.training.data import LabelledVideo
from thumbnailer.training.projection import shots_within

EVERY_S = 3  # seconds between the shots that are fitted; smoothed features differ little in between
EXPONENT = 1.5
PENALTIES = (5.0, 15.0, 45.0)
# Bandwidths in parts of the median squared distance between two videos; infinite is one ridge
# regression for all videos.
NARROWNESSES = (0.0, 1.0, 3.0, 6.0)


@dataclass(frozen=True, slots=True)
class Material:
    """What is computed once for all choices of penalty and bandwidth.

    Attributes:
        videos: V of them.
        within: each (n, D), its features within the video.
        rows: (N, D) float32, every third of those.
        owner: (N,) which video a row is of.
        targets: (N,) comment shares above the video's mean.
        products: (N, N) inner products of rows.
        distances: (V, V) squared distances of the videos' mean features.
    """

    videos: Sequence[LabelledVideo]
    within: list[NDArray[np.float64]]
    rows: NDArray[np.float32]
    owner: NDArray[np.int64]
    targets: NDArray[np.float32]
    products: NDArray[np.float32]
    distances: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """One choice and the mean PS that it reached on the videos left out of each fit."""

    penalty: float
    narrowness: float
    validation_score: float


def fit_shot_scorer(videos: Sequence[LabelledVideo]) -> tuple[ShotScorerNetwork, Trial]:
    """Choose by leaving out one fold of these videos after the other, and fit all of them."""
    material = _material(videos)
    best = max(trials(material), key=lambda trial: trial.validation_score)
    everyone = np.arange(len(videos))
    return _fit(material, everyone, best.penalty, best.narrowness), best


def trials(material: Material) -> list[Trial]:
    """Score every choice of penalty and bandwidth."""
    folds = np.asarray([video.fold for video in material.videos])
    return [
        Trial(penalty, narrowness, _left_out_score(material, folds, penalty, narrowness))
        for narrowness, penalty in product(NARROWNESSES, PENALTIES)
    ]


def _left_out_score(
    material: Material, folds: NDArray[np.int64], penalty: float, narrowness: float
) -> float:
    scores = []
    for fold in np.unique(folds):
        network = _fit(material, np.flatnonzero(folds != fold), penalty, narrowness)
        left_out = np.flatnonzero(folds == fold).tolist()
        scores += [_score(network, material.videos[i]) for i in left_out]
    return float(np.mean(scores))


def _score(network: ShotScorerNetwork, video: LabelledVideo) -> float:
    with torch.inference_mode():
        scores = network(torch.from_numpy(video.features)).numpy()[video.eligible]
    [best] = spaced_triples(scores, video.eligible, GAP_S, 1)
    return posterior_score(video.eligible[best], video.counts)


def _material(videos: Sequence[LabelledVideo]) -> Material:
    within = [shots_within(video) for video in videos]
    rows = np.concatenate([shots[::EVERY_S] for shots in within]).astype(np.float32)
    sizes = [len(shots[::EVERY_S]) for shots in within]
    means = np.stack([video.features.mean(axis=0) for video in videos]).astype(np.float64)
    squares = np.square(means).sum(axis=1)
    return Material(
        videos=videos,
        within=within,
        rows=rows,
        owner=np.repeat(np.arange(len(videos)), sizes),
        targets=np.concatenate([_target(video)[::EVERY_S] for video in videos]),
        products=rows @ rows.T,
        distances=np.maximum(squares[:, None] + squares - 2 * means @ means.T, 0.0),
    )


def _target(video: LabelledVideo) -> NDArray[np.float32]:
    share = (video.counts / video.counts.max()) ** EXPONENT
    return np.asarray(share - share.mean(), dtype=np.float32)


def _fit(
    material: Material, chosen: NDArray[np.int64], penalty: float, narrowness: float
) -> ShotScorerNetwork:
    """Solve (K + penalty·N_v I) a = y over the chosen videos' rows, and return Σ a x of each."""
    among = material.distances[np.ix_(chosen, chosen)]
    bandwidth = float(np.median(among[np.triu_indices(len(chosen), 1)])) / max(narrowness, 1e-6)
    rows = np.flatnonzero(np.isin(material.owner, chosen))
    owner = np.searchsorted(chosen, material.owner[rows])
    kernel = np.exp(-among / bandwidth).astype(np.float32)[np.ix_(owner, owner)]
    kernel *= material.products[np.ix_(rows, rows)]
    # Each video counts alike, however long: its rows have its number of rows as variance.
    kernel[np.diag_indices_from(kernel)] += penalty * np.bincount(owner)[owner]
    solved = cho_solve(cho_factor(kernel, overwrite_a=True), material.targets[rows])
    config = ShotScorerConfig(
        feature_dim=material.rows.shape[1],
        videos=len(chosen),
        bandwidth=bandwidth,
        penalty=penalty,
        exponent=EXPONENT,
    )
    network = ShotScorerNetwork(config)
    for place, video in enumerate(chosen):
        own = owner == place
        network.weights[place] = torch.from_numpy(solved[own] @ material.rows[rows[own]])
        network.means[place] = torch.from_numpy(material.videos[video].features.mean(axis=0))
    return network
