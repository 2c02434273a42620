"""Inner products of generated features with the shots: all that Eq. 8 needs to know of a sample.

Shapes: n shots, d feature dimensions, h hidden dimensions, B samples.
"""

from collections.abc import Callable
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


@dataclass(frozen=True, slots=True)
class LinearHead:
    """The last layer of a generator, g = W h + b.

    Attributes:
        weight: (d, h) W.
        bias: (d,) b.
    """

    weight: Tensor
    bias: Tensor


def feature_products(shots: Shots) -> Callable[[Tensor], Products]:
    """Return the map from (B, d) features to products."""

    def products(features: Tensor) -> Products:
        centred = features - shots.mean
        squared_norms = torch.linalg.vector_norm(centred, dim=1).square()
        return Products(centred @ shots.centred.T, squared_norms)

    return products


def hidden_products(shots: Shots, head: LinearHead) -> Callable[[Tensor], Products]:
    """Return the map from (B, h) hidden states to products; g itself is never made.

    With b' = b - μ: (g - μ)·x = (xᵀW) h + x·b', and ‖g - μ‖² = hᵀ(WᵀW)h + 2 hᵀWᵀb' + ‖b'‖².
    """
    weight, bias = head.weight.to(shots.mean), head.bias.to(shots.mean) - shots.mean
    seen, seen_bias = shots.centred @ weight, shots.centred @ bias  # (n, h), (n,)
    gram, gram_bias = weight.T @ weight, weight.T @ bias  # (h, h), (h,)

    def products(states: Tensor) -> Products:
        hidden = states.to(shots.mean)
        quadratic = ((hidden @ gram + 2 * gram_bias) * hidden).sum(dim=1)
        squared_norms = (quadratic + bias @ bias).clamp_min(0.0)
        return Products(torch.addmm(seen_bias, hidden, seen.T), squared_norms)

    return products
