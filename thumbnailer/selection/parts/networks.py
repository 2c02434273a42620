"""The parts that the learned selectors share, with the paper's sizes.

Shapes: B videos, N shots of the longest, M generated GIFs, D feature, d projected feature.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from thumbnailer.errors import BadFeaturesError
from thumbnailer.selection.parts.within_video import within_video
from thumbnailer.video.shots import SHOTS_IN_A_GIF

LAYERS = 2


@dataclass(frozen=True, slots=True)
class NetworkConfig:
    """Widths, those of the paper's Setup (512, 128, 10), and what all networks have in common.

    Attributes:
        feature_dim: D, of one shot's feature.
        shot_dim: d, of the projected feature that the networks read and generate.
        video_dim: of the video's embedding s_x.
        gif_dim: of the GIF's embedding s_y.
        dropout: between the two layers of each LSTM, in training; not public, tuned.
    """

    feature_dim: int = 1280
    shot_dim: int = 128
    video_dim: int = 512
    gif_dim: int = 128
    dropout: float = 0.2


@dataclass(frozen=True, slots=True)
class Batch:
    """Videos of a training step with some of their ground-truth GIFs.

    Attributes:
        shots: (B, N, d) projected features, zero after each video's end.
        lengths: (B,) int64 shots of each video.
        gifs: (B, G, 3) int64 shots of each ground-truth GIF.
        popularity: (B, N) comments of each shot as a share of the video's most, 0 to 1.
    """

    shots: Tensor
    lengths: Tensor
    gifs: Tensor
    popularity: Tensor

    def gif_shots(self) -> Tensor:
        """Return X_Y, the features of the ground truth: (B, G, 3, d)."""
        rows = torch.arange(len(self.shots), device=self.gifs.device)[:, None, None]
        return self.shots[rows, self.gifs]


class Projection(nn.Module):
    """A fixed linear map of what sets shots apart within their video.

    It is fitted before training and kept in the checkpoint.
    """

    matrix: Tensor  # (D, d)

    def __init__(self, config: NetworkConfig) -> None:
        super().__init__()
        self.register_buffer("matrix", torch.zeros(config.feature_dim, config.shot_dim))

    def forward(self, features: Tensor) -> Tensor:
        """Project all (n, D) shots of one video to (n, d).

        Raises:
            BadFeaturesError: where D is not the one that the map was fitted to.
        """
        check_width(features, len(self.matrix))
        # Smoothing and centring commute with a linear map, and d columns are fewer than D.
        return within_video(features.float() @ self.matrix)

    def of(self, features: NDArray[np.floating]) -> Tensor:
        """Project a video's (n, D) array, to where the map lies; errors are those of a call."""
        projected: Tensor = self(torch.from_numpy(features).to(self.matrix.device))
        return projected


def check_width(features: Tensor, width: int) -> None:
    """Refuse the features of another network.

    Raises:
        BadFeaturesError: naming both widths.
    """
    if features.shape[-1] != width:
        raise BadFeaturesError(
            f"features have {features.shape[-1]} numbers each, must have {width}: "
            "extract them with the network that the model was trained on"
        )


class SequenceEncoder(nn.Module):
    """A two-layer LSTM that embeds a sequence as the last hidden state of its upper layer."""

    def __init__(self, shot: int, width: int, dropout: float) -> None:
        super().__init__()
        self.lstm = nn.LSTM(shot, width, LAYERS, batch_first=True, dropout=dropout)

    def forward(self, sequence: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Embed (B, N, d) as (B, width); lengths (B,) mark the ends where they differ."""
        if lengths is None:
            _, (hidden, _) = self.lstm(sequence)
        else:
            packed = pack_padded_sequence(sequence, lengths, batch_first=True, enforce_sorted=False)
            _, (hidden, _) = self.lstm(packed)
        top: Tensor = hidden[-1]
        return top


class GifDecoder(nn.Module):
    """A two-layer LSTM that starts from a video's embedding and generates three shots (Eq. 3)."""

    def __init__(self, config: NetworkConfig, extra_dim: int = 0) -> None:
        """Prepare the decoder; ``extra_dim`` numbers (z) are read at each step beside g_(i-1)."""
        super().__init__()
        self.lstm = nn.LSTM(
            extra_dim + config.shot_dim,
            config.video_dim,
            LAYERS,
            batch_first=True,
            dropout=config.dropout,
        )
        self.output = nn.Linear(config.video_dim, config.shot_dim)

    def forward(self, embedding: Tensor, extra: Tensor) -> Tensor:
        """Generate g from s_x (M, 512) and z (M, extra): (M, 3, d); g_0 is zero."""
        hidden = embedding.expand(LAYERS, -1, -1).contiguous()
        state = (hidden, torch.zeros_like(hidden))
        shot = embedding.new_zeros(len(embedding), self.output.out_features)
        generated = []
        for _ in range(SHOTS_IN_A_GIF):
            step, state = self.lstm(torch.cat([extra, shot], dim=1)[:, None], state)
            shot = self.output(step[:, 0])
            generated.append(shot)
        return torch.stack(generated, dim=1)
