"""From three generated features to three shots of the video: Eq. 4, exactly."""

from dataclasses import dataclass

import torch
from torch import Tensor

from thumbnailer.video.shots import SHOTS_IN_A_GIF


@dataclass(frozen=True, slots=True)
class Matches:
    """Disjoint triples of each generated GIF, the closest first.

    Attributes:
        shots: (B, k³, 3) int64 rows of the video's features, in the generated order.
        costs: (B, k³) sum of the three L2 distances; infinite where shots repeat or are too near
            to each other, at the end.
    """

    shots: Tensor
    costs: Tensor


def distances_to(generated: Tensor, shots: Tensor) -> Tensor:
    """Return ‖g_i - x_j‖ of each generated feature (B, 3, d) to each shot (m, d): (B, 3, m)."""
    # As one matrix: torch's batched form is slower by a factor of 100.
    return torch.cdist(generated.flatten(0, 1), shots).view(*generated.shape[:2], len(shots))


def match(distances: Tensor, times: Tensor | None = None, gap_s: int = 1) -> Matches:
    """Order triples of shots by Σ ‖g_i - x_{y_i}‖; the first solves Eq. 4.

    The first is the best of all triples that keep the gap: a shot that is not among the nearest
    2 (2 gap_s - 1) + 1 of its position can be exchanged for a nearer one that the other two leave
    free. The others are the rest of those triples, 27 where shots need only be disjoint, and not
    the best of all.

    Args:
        distances: (B, 3, m) ‖g_i - x_j‖ of each shot at each position, m >= 3.
        times: (m,) int64 of the shots; None for 0, 1, 2 and so on.
        gap_s: the times of any two shots differ by this much at least.
    """
    if times is None:
        times = torch.arange(distances.shape[2])
    count = min(2 * (2 * gap_s - 1) + 1, distances.shape[2])
    nearest, shots = distances.topk(count, dim=2, largest=False)  # both (B, 3, k)
    positions, ranks = torch.arange(SHOTS_IN_A_GIF), torch.arange(count)
    triples = torch.cartesian_prod(ranks, ranks, ranks)
    chosen = shots[:, positions, triples]  # (B, k³, 3)
    apart = times[chosen].sort(dim=2).values.diff(dim=2).amin(dim=2)
    costs = nearest[:, positions, triples].sum(dim=2).masked_fill(apart < gap_s, torch.inf)
    ordered = costs.sort(dim=1, stable=True)
    rows = torch.arange(len(chosen))[:, None]
    return Matches(chosen[rows, ordered.indices], ordered.values)
