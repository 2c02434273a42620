"""Inner products of generated features with the shots: all that Eq. 8 needs to know of a sample.

Shapes: n shots, d feature dimensions, B samples.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from thumbnailer.metrics.matching_error.shots import Shots


@dataclass(frozen=True, slots=True)
class Products:
    """B samples in Gram space, both sides centred on the video's mean feature μ.

    Attributes:
        inner: (B, n) (g - μ)·(x_j - μ).
        squared_norms: (B,) ‖g - μ‖².
    """

    inner: Tensor
    squared_norms: Tensor


def products_with(shots: Shots, features: Tensor) -> Products:
    """Return the products of (B, d) generated features."""
    centred = features - shots.mean
    squared_norms = torch.linalg.vector_norm(centred, dim=1).square()
    return Products(centred @ shots.centred.T, squared_norms)
