"""The features of a shot that our own model reads: its appearance, and three numbers beside it.

Shapes: n shots of one video, D features.
"""

import torch
from torch import Tensor

from thumbnailer.selection.parts.within_video import smooth_over_time, within_video

EXTRA_FEATURES = 3  # beside the appearance
LIVELY_S = 5.0  # smoothing of the change from second to second
# The appearance has a mean square length of about 72 (EfficientNet-Lite0, TVSum). The others'
# shares of that, 1/25, 1/100 and 1/100, were chosen on validation videos.
LIVELINESS_SCALE = 1.7
PLACE_SCALE = 0.85
RESPONSE_SCALE = 0.85


def shot_features(features: Tensor) -> Tensor:
    """Describe all shots of one video: (n, D) -> (n, D + 3) float32."""
    return torch.cat([within_video(features), extra_features(features)], dim=1)


def weigh_shot_features(features: Tensor, weights: Tensor) -> Tensor:
    """Return ``shot_features(features) @ weights``, (n, D), (D + 3, M) -> (n, M), at less cost.

    Smoothing and centring commute with a linear map, and M columns are fewer than D.
    """
    appearance = within_video(features.float() @ weights[:-EXTRA_FEATURES])
    return appearance + extra_features(features) @ weights[-EXTRA_FEATURES:]


def extra_features(features: Tensor) -> Tensor:
    """Return (n, 3): how much pictures change around a shot, its place, and the response to it.

    The place is its distance from the video's middle, squared; the response is the standard
    deviation of its feature's numbers.
    """
    features = features.float()
    change = torch.linalg.vector_norm(
        features.diff(dim=0, prepend=features[:1]), dim=1, keepdim=True
    )  # (n, 1)
    off_middle = torch.linspace(-1, 1, len(features), device=features.device)[:, None]
    response = features.std(dim=1, keepdim=True)
    return torch.cat(
        [
            LIVELINESS_SCALE * standardised(smooth_over_time(change, LIVELY_S)),
            PLACE_SCALE * standardised(off_middle.square()),
            RESPONSE_SCALE * standardised(response),
        ],
        dim=1,
    )


def standardised(rows: Tensor) -> Tensor:
    """Give each column mean 0 and standard deviation 1; zeros where nothing differs."""
    deviation = rows - rows.mean(dim=0)
    return deviation / deviation.square().mean(dim=0).sqrt().clamp_min(1e-6)
