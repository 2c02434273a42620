"""Shot tables of made-up features, and small networks."""

import numpy as np
import torch
from numpy.typing import DTypeLike

from tests.thumbnailer.made_up import random_measures
from thumbnailer.selection.gevaden import GevadenConfig, GevadenNetwork
from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.parts.networks import Batch
from thumbnailer.selection.ranknet import RankNetConfig, RankNetNetwork
from thumbnailer.selection.re_seq2seq import ReSeq2SeqConfig, ReSeq2SeqNetwork

SMALL_GEVADEN = GevadenConfig(
    feature_dim=20, shot_dim=6, video_dim=12, gif_dim=8, latent_dim=3, dropout=0.0, free_nats=0.0
)
SMALL_SEQ2SEQ = ReSeq2SeqConfig(feature_dim=20, shot_dim=6, video_dim=12, gif_dim=8, dropout=0.0)


def shot_table(
    shots: int, *, feature_dim: int = 1280, seed: int = 0, dtype: DTypeLike = np.float32
) -> ShotTable:
    rng = np.random.default_rng(seed)
    features = np.abs(rng.normal(size=(shots, feature_dim))).astype(np.float16).astype(dtype)
    eligible = np.arange(shots) if shots < 7 else np.arange(2, shots - 2)
    return ShotTable(features, eligible, random_measures(shots * 12, seed))


def small_gevaden(seed: int = 0) -> GevadenNetwork:
    torch.manual_seed(seed)
    network = GevadenNetwork(SMALL_GEVADEN)
    network.projection.matrix.normal_()
    return network


def small_seq2seq(seed: int = 0) -> ReSeq2SeqNetwork:
    torch.manual_seed(seed)
    network = ReSeq2SeqNetwork(SMALL_SEQ2SEQ)
    network.projection.matrix.normal_()
    return network


def small_ranknet(seed: int = 0) -> RankNetNetwork:
    torch.manual_seed(seed)
    network = RankNetNetwork(
        RankNetConfig(feature_dim=20, shot_dim=6, wide=8, narrow=4, dropout=0.0)
    )
    network.projection.matrix.normal_()
    return network


def small_batch(seed: int = 0) -> Batch:
    generator = torch.Generator().manual_seed(seed)
    shots = torch.randn(4, 15, 6, generator=generator)
    lengths = torch.tensor([15, 9, 12, 5])
    for row, length in zip(shots, lengths.tolist(), strict=True):
        row[length:] = 0
    gifs = torch.tensor([[[0, 2, 4], [1, 2, 3]]]).expand(4, -1, -1)
    popularity = torch.rand(4, 15, generator=generator)
    return Batch(shots, lengths, gifs, popularity)
