"""A video's shots, as the matching error needs them."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Shots:
    """Features in float64, centred so that no offset that they share costs digits.

    Attributes:
        mean: (d,) μ, the video's mean feature.
        centred: (n, d) x_j - μ.
        gram: (n, n) (x_j - μ)·(x_k - μ).
    """

    mean: Tensor
    centred: Tensor
    gram: Tensor


def centre(features: Tensor) -> Shots:
    """Return the shots of (n, d) features."""
    mean = features.double().mean(dim=0)
    centred = features - mean
    return Shots(mean, centred, centred @ centred.T)
