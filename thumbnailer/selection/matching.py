"""From three generated features to three shots of the video: Eq. 4, exactly."""

from dataclasses import dataclass
from itertools import product

import torch
from torch import Tensor

from thumbnailer.video.shots import SHOTS_IN_A_GIF

# A shot that is not among the three nearest of its position can always be exchanged for a nearer
# one that the other two positions leave free; so 3 x 3 x 3 triples hold the best.
_TRIPLES = torch.tensor(list(product(range(SHOTS_IN_A_GIF), repeat=3)))  # (27, 3) ranks


@dataclass(frozen=True, slots=True)
class Matches:
    """The closest disjoint triple of each generated GIF.

    Attributes:
        shots: (B, 3) int64 rows of the video's features, in the generated order.
        costs: (B,) sum of the three L2 distances.
    """

    shots: Tensor
    costs: Tensor


def match(generated: Tensor, features: Tensor) -> Matches:
    """Return the triples of distinct shots that minimise Σ ‖g_i - x_{y_i}‖ (Eq. 4).

    Args:
        generated: (B, 3, d) generated features g.
        features: (m, d) features of the shots that may be chosen, m >= 3.
    """
    return match_distances(torch.cdist(generated, features.expand(len(generated), -1, -1)))


def match_distances(distances: Tensor) -> Matches:
    """Return the cheapest triples of distinct shots.

    Args:
        distances: (B, 3, m) cost of each shot at each position, m >= 3.
    """
    nearest, shots = distances.topk(SHOTS_IN_A_GIF, dim=2, largest=False)  # both (B, 3, 3)
    positions = torch.arange(SHOTS_IN_A_GIF)
    costs = nearest[:, positions, _TRIPLES].sum(dim=2)  # (B, 27)
    triples = shots[:, positions, _TRIPLES]  # (B, 27, 3)
    first, second, third = triples.unbind(dim=2)
    repeated = (first == second) | (first == third) | (second == third)
    best = costs.masked_fill(repeated, torch.inf).min(dim=1)
    return Matches(triples[torch.arange(len(triples)), best.indices], best.values)
