"""Batches of training: random windows of videos with what people chose within them."""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from thumbnailer.selection.parts.networks import Batch
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.data import LabelledVideo, opinion_gifs
from thumbnailer.training.tvsum import SPACING_S


def draw_batch(
    videos: Sequence[LabelledVideo],
    projected: Mapping[str, Tensor],
    config: TrainingConfig,
    rng: np.random.Generator,
) -> Batch:
    """Return windows of a few videos, with some people's GIFs of each window.

    A video with GIFs that people accepted is given whole, as its GIFs reach all over it.

    The three seconds that a person likes best in a part of a video are a ground truth for this
    part; so a few dozen videos give windows without end. All windows of a batch are of one length:
    nothing is padded, unless a video is shorter. The batch lies where the projected shots do.
    """
    length = int(rng.integers(config.window_min_s, config.window_max_s + 1))
    chosen = rng.choice(len(videos), size=min(config.batch_size, len(videos)), replace=False)
    shots, gifs, popularity = [], [], []
    for video in (videos[index] for index in chosen):
        window, of_window = _excerpt(video, length, config.gifs_per_video, rng)
        shots.append(projected[video.name][window])
        gifs.append(of_window)
        popularity.append(torch.from_numpy(video.counts[window] / video.counts.max()).float())
    device = shots[0].device
    return Batch(
        shots=pad_sequence(shots, batch_first=True),
        lengths=torch.tensor([len(rows) for rows in shots]),
        gifs=torch.from_numpy(np.stack(gifs)).to(device),
        popularity=pad_sequence(popularity, batch_first=True).to(device),
    )


def _excerpt(
    video: LabelledVideo, length: int, gifs: int, rng: np.random.Generator
) -> tuple[slice, NDArray[np.int64]]:
    """Return a window of the video and (gifs, 3) ground-truth GIFs of it."""
    if len(video.gifs):
        return slice(None), rng.choice(video.gifs, gifs)
    start = int(rng.integers(0, max(1, len(video.features) - length + 1)))
    window = slice(start, start + length)
    people = rng.permutation(len(video.opinions))[:gifs]
    return window, opinion_gifs(video.opinions[:, window], SPACING_S)[people]
