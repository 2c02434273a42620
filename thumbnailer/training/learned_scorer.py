"""The shot scorer that clicks corrected: what it is learned from, and its weights file."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.selection.parts.checkpoint import load_shipped, save_checkpoint
from thumbnailer.selection.parts.shot_features import shot_features
from thumbnailer.selection.shot_scorer import KIND, ShotScorer, ShotScorerConfig, ShotScorerNetwork


def shipped_network() -> ShotScorerNetwork:
    """Return the scorer as it is; errors are those of ``load_shipped``."""
    return load_shipped(KIND).restore(ShotScorerConfig, ShotScorerNetwork)


def gif_features(
    network: ShotScorerNetwork, features: NDArray[np.float32], gifs: Sequence[Sequence[float]]
) -> NDArray[np.float64]:
    """Return (G, 1 + D + 3): each GIF's score and what the scorer reads, means over its shots.

    Args:
        network: the scorer.
        features: (n, D) of the video.
        gifs: where the shots of each begin, in seconds.

    Raises:
        BadFeaturesError: where D is not the scorer's.
    """
    asked = np.minimum(np.asarray(gifs, np.float64).round().astype(np.int64), len(features) - 1)
    scores = ShotScorer(network, "").scores(features)
    read = shot_features(torch.from_numpy(features)).double().numpy()
    return np.asarray(np.column_stack([scores, read])[asked].mean(axis=1))


def corrected(
    network: ShotScorerNetwork, trust: float, correction: NDArray[np.float64], clicks: int
) -> ShotScorerNetwork:
    """Return the scorer with a (D + 3,) correction that so many clicks taught, after any before."""
    found = ShotScorerNetwork(replace(network.config, clicks=network.config.clicks + clicks))
    found.load_state_dict(network.state_dict(), strict=False)
    found.trust.mul_(trust)
    found.correction.mul_(trust).add_(torch.from_numpy(correction))
    return found


def write_scorer(path: Path, trust: float, correction: NDArray[np.float64], clicks: int) -> str:
    """Write the shipped scorer with this correction and return the file's sha256."""
    network = corrected(shipped_network(), trust, correction, clicks)
    return save_checkpoint(path, KIND, network.config, network, MANIFEST, training={})
