"""RankNet, the highlight detector of Video2GIF (Gygli, Song and Cao, CVPR 2016).

It learns to put shots of GIFs above other shots of the same video, pair by pair. Its GIF is the
three shots with the highest scores, in that order, as in the paper's Table 2; where the site's rule
keeps shots apart, the three of the highest sum that are. Here it reads the projected features that
the other networks read.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np
import torch
from torch import Tensor, nn

from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.selection.parts.checkpoint import in_full, load_shipped_network
from thumbnailer.selection.parts.networks import Batch, NetworkConfig, Projection
from thumbnailer.selection.parts.spacing import best_apart, filled_up
from thumbnailer.video.shots import SHOTS_IN_A_GIF

KIND = "ranknet"
RULE = 2  # raise it when the same weights would give other answers
SHOTS_TO_COMBINE = 5  # of the highest scores: ten triples
CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class RankNetConfig(NetworkConfig):
    """What makes a RankNet.

    Attributes:
        wide: width of the first hidden layer.
        narrow: of the second.
        far_s: a shot at least this far from every GIF of its video counts as no highlight.
        margin_at_least: δ of the loss for a shot without comments; popularity adds up to 1.
    """

    wide: int = 512
    narrow: int = 128
    far_s: int = 2
    margin_at_least: float = 1.5


class RankNetNetwork(nn.Module):
    """A perceptron that scores one shot."""

    def __init__(self, config: RankNetConfig) -> None:
        super().__init__()
        self.config = config
        self.projection = Projection(config)
        self.layers = nn.Sequential(
            nn.Linear(config.shot_dim, config.wide),
            nn.ReLU(),
            nn.Dropout(config.dropout),
            nn.Linear(config.wide, config.narrow),
            nn.ReLU(),
            nn.Linear(config.narrow, 1),
        )

    def forward(self, shots: Tensor) -> Tensor:
        """Score (…, d) projected shots: (…)."""
        scores: Tensor = self.layers(shots).squeeze(-1)
        return scores

    def losses(self, batch: Batch, generator: torch.Generator | None) -> dict[str, Tensor]:
        """Return "total", the mean loss of all pairs of a GIF's shot and a shot far from any.

        The model draws nothing; the generator is there for those that do.
        """
        del generator
        scores = self(batch.shots)  # (B, N)
        inside = batch.gifs.flatten(1)  # (B, 3 G)
        far = far_from_gifs(batch, self.config.far_s)  # (B, N)
        gap = scores.gather(1, inside)[:, :, None] - scores[:, None]  # (B, 3 G, N)
        popularity = batch.popularity.gather(1, inside)[:, :, None].expand_as(gap)
        pairs = far[:, None].expand_as(gap)
        delta = self.config.margin_at_least + popularity[pairs]
        return {"total": adaptive_huber(gap[pairs], delta).mean()}


def far_from_gifs(batch: Batch, far_s: int) -> Tensor:
    """Return (B, N) bool: shots of the video that are no part of a GIF, nor near one."""
    shots = torch.arange(batch.shots.shape[1], device=batch.gifs.device)
    distance = (shots[None, None] - batch.gifs.flatten(1)[:, :, None]).abs().amin(dim=1)  # (B, N)
    far: Tensor = (distance >= far_s) & (shots < batch.lengths.to(shots.device)[:, None])
    return far


def adaptive_huber(gap: Tensor, delta: Tensor) -> Tensor:
    """Return the loss of each pair: u²/2 up to δ, then δu - δ²/2, with u = max(0, 1 - gap).

    Args:
        gap: by how much the shot of the GIF scores higher.
        delta: δ, larger for popular shots, whose misplacement costs more.
    """
    missing = (1 - gap).clamp_min(0)
    return torch.where(missing <= delta, missing.square() / 2, delta * missing - delta.square() / 2)


class RankNet:
    """Selects the three shots with the highest scores."""

    media = Media.GIF
    note = ""

    def __init__(self, network: RankNetNetwork, version: str) -> None:
        self._network = network.eval()
        self.version = version

    @classmethod
    def shipped(cls) -> Self:
        """Load the weights that come with this package."""
        return cls(*load_shipped_network(KIND, RULE, RankNetConfig, RankNetNetwork))

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return the ten triples of the five best shots by their sum; the seed changes nothing.

        Where five do not keep the gap, triples of other shots follow.
        """
        del seed
        network = in_full(self._network)
        device = network.projection.matrix.device
        with torch.inference_mode():
            projected = network.projection(torch.from_numpy(shots.features).to(device))
            scores = network(projected).cpu().numpy()[shots.eligible]
        best = best_apart(scores, shots.eligible, shots.gap_s, SHOTS_TO_COMBINE)
        order = np.searchsorted(shots.eligible, best)
        triples = [np.asarray(triple) for triple in combinations(order, SHOTS_IN_A_GIF)]
        triples.sort(key=lambda triple: -float(scores[triple].sum()))
        chosen = filled_up(triples, scores, shots.eligible, shots.gap_s, CANDIDATES)
        by_score = [triple[np.argsort(-scores[triple], kind="stable")] for triple in chosen]
        return tuple(
            Candidate(tuple(map(float, shots.eligible[triple])), float(scores[triple].sum()))
            for triple in by_score
        )


SELECTOR = Declaration(KIND, RankNet.shipped, trained_on=MANIFEST)
