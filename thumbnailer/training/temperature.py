"""The temperature of GEVADEN's likelihood, fitted to people's choices."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thumbnailer.selection.gevaden import DRAWS, GevadenNetwork
from thumbnailer.selection.parts.matching import distances_to
from thumbnailer.training.data import LabelledVideo, opinion_gifs
from thumbnailer.training.tvsum import SPACING_S

GRID = np.geomspace(0.02, 20, 40)


def fit_temperature(network: GevadenNetwork, videos: Sequence[LabelledVideo]) -> None:
    """Set the temperature under which people's GIFs of these videos are most likely."""
    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        cases = [_distances_and_truth(network, video, generator) for video in videos]
        costs = [
            sum(float(-likelihoods(case, float(value)).log().mean()) for case in cases)
            for value in GRID
        ]
    network.temperature.fill_(float(GRID[int(np.argmin(costs))]))


def likelihoods(case: tuple[Tensor, Tensor], temperature: float) -> Tensor:
    """Return each ground truth's average likelihood, kept above the smallest float."""
    found = average_likelihoods(*case, torch.tensor(temperature))
    return found.clamp_min(torch.finfo(torch.float32).tiny)


def average_likelihoods(distances: Tensor, triples: Tensor, temperature: Tensor) -> Tensor:
    """Return (1/L) Σ_l Π_i p(y_i | z_l) for each triple: (K,).

    p is a softmax over the shots of -‖g_i - x_j‖ / T: the paper does not say its density, and a
    normal one would be ruled by the luckiest draw.

    Args:
        distances: (L, 3, m) from each draw's generated features to the shots.
        triples: (K, 3) int64 shots.
        temperature: T, a scalar > 0.
    """
    probabilities = (-distances / temperature).softmax(dim=2)  # (L, 3, m)
    first, second, third = (probabilities[:, i, triples[:, i]] for i in range(3))  # (L, K) each
    return (first * second * third).mean(dim=0)


def _distances_and_truth(
    network: GevadenNetwork, video: LabelledVideo, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    shots = network.projection(torch.from_numpy(video.features))
    generated = network.sample_gifs(shots, DRAWS, generator)
    choice = shots[torch.from_numpy(video.eligible)]
    truth = torch.from_numpy(_truth(video))
    return distances_to(generated, choice), truth


def _truth(video: LabelledVideo) -> NDArray[np.int64]:
    """Return (G, 3) ground-truth GIFs, counted in eligible shots."""
    if len(video.gifs):
        inside = np.isin(video.gifs, video.eligible).all(axis=1)
        return np.searchsorted(video.eligible, video.gifs[inside])
    return opinion_gifs(video.opinions[:, video.eligible], SPACING_S)
