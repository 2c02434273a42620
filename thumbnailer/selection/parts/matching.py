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
    """Disjoint triples of each generated GIF, the closest first.

    Attributes:
        shots: (B, 27, 3) int64 rows of the video's features, in the generated order.
        costs: (B, 27) sum of the three L2 distances; infinite where shots repeat, at the end.
    """

    shots: Tensor
    costs: Tensor


def distances_to(generated: Tensor, shots: Tensor) -> Tensor:
    """Return ‖g_i - x_j‖ of each generated feature (B, 3, d) to each shot (m, d): (B, 3, m)."""
    # As one matrix: torch's batched form is slower by a factor of 100.
    return torch.cdist(generated.flatten(0, 1), shots).view(*generated.shape[:2], len(shots))


def match(distances: Tensor) -> Matches:
    """Order triples of shots by Σ ‖g_i - x_{y_i}‖; the first solves Eq. 4.

    The first is the best of all disjoint triples. The others are the rest of the 27 that the
    three nearest of each position form, not the best of all.

    Args:
        distances: (B, 3, m) ‖g_i - x_j‖ of each shot at each position, m >= 3.
    """
    nearest, shots = distances.topk(SHOTS_IN_A_GIF, dim=2, largest=False)  # both (B, 3, 3)
    positions = torch.arange(SHOTS_IN_A_GIF)
    triples = shots[:, positions, _TRIPLES]  # (B, 27, 3)
    first, second, third = triples.unbind(dim=2)
    repeated = (first == second) | (first == third) | (second == third)
    costs = nearest[:, positions, _TRIPLES].sum(dim=2).masked_fill(repeated, torch.inf)
    ordered = costs.sort(dim=1, stable=True)
    rows = torch.arange(len(triples))[:, None]
    return Matches(triples[rows, ordered.indices], ordered.values)
