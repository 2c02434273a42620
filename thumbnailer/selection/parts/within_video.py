"""A video's shots as its viewers see them: each beside its neighbours and the rest of the video."""

import torch
from torch import Tensor
from torch.nn import functional

SMOOTHING_S = 2.0  # of a Gaussian: what interests people lasts for some seconds
COLUMNS_AT_ONCE = 128
REACH = 4  # standard deviations, after which nothing is left of it


def within_video(features: Tensor) -> Tensor:
    """Smooth features over time and subtract the video's mean: (n, D) -> (n, D) float32."""
    features = features.float()
    return smooth_over_time(features, SMOOTHING_S) - features.mean(dim=0)


def smooth_over_time(rows: Tensor, smoothing_s: float) -> Tensor:
    """Average each row with its neighbours by a Gaussian: (n, D) -> (n, D).

    Before the first and after the last row stand copies of these.
    """
    radius = int(REACH * smoothing_s)
    offsets = torch.arange(-radius, radius + 1, device=rows.device)
    kernel = (-(offsets**2) / (2 * smoothing_s**2)).exp()
    columns = rows.T[:, None]  # (D, 1, n)
    padded = functional.pad(columns, (radius, radius), mode="replicate")
    weights = (kernel / kernel.sum())[None, None]
    # Torch lays out a copy for each offset: of all columns at once that is 130 MB for 25 minutes.
    parts = [functional.conv1d(part, weights) for part in _parts(padded)]
    return torch.cat(parts)[:, 0].T


def _parts(columns: Tensor) -> list[Tensor]:
    starts = range(0, len(columns), COLUMNS_AT_ONCE)
    return [columns[start : start + COLUMNS_AT_ONCE] for start in starts]
