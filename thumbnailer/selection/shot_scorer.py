"""Our own model: each second is scored by what people liked in similar videos.

A committee of kernel ridge regressions on the product of two kernels: shots are compared by the
inner product of their features, videos by a Gaussian of the distance between their mean features.
So a member's scorer is linear in a video's shots, and its weights are a mixture of one weight
vector for each training video. Members differ in the Gaussian's width and in the penalty; each has
the same say within a video. The GIF is the three seconds with the highest total score that are at
least 5 s apart, found exactly, in time order.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.selection.parts.checkpoint import in_full, load_shipped_network
from thumbnailer.selection.parts.networks import check_width
from thumbnailer.selection.parts.shot_features import (
    EXTRA_FEATURES,
    standardised,
    weigh_shot_features,
)
from thumbnailer.selection.parts.spacing import spaced_triples

KIND = "shot_scorer"
RULE = 3  # raise it when the same weights would give other answers
GAP_S = 5
CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class ShotScorerConfig:
    """What makes a shot scorer.

    Attributes:
        feature_dim: D, of one shot's feature.
        videos: V, that it was fitted on.
        bandwidths: of each of the M members, the squared distance of two videos' means at which
            their kernel is 1/e.
        penalties: of each member's ridge regression, each video counting alike.
        exponent: of the comment shares that were fitted; above 1 peaks count for more.
        clicks: that a correction was learned from; 0 where there is none.
    """

    feature_dim: int
    videos: int
    bandwidths: tuple[float, ...]
    penalties: tuple[float, ...]
    exponent: float
    clicks: int = 0


class ShotScorerNetwork(nn.Module):
    """The members' mixtures of linear scorers; fitted in closed form, not by gradients.

    What clicks taught is added: a score is then trust times that of the members, plus that of a
    linear correction.
    """

    means: Tensor  # (V, D)
    weights: Tensor  # (M, V, D + 3)
    trust: Tensor  # ()
    correction: Tensor  # (D + 3,)

    def __init__(self, config: ShotScorerConfig) -> None:
        super().__init__()
        self.config = config
        members, width = len(config.bandwidths), config.feature_dim + EXTRA_FEATURES
        self.register_buffer("means", torch.zeros(config.videos, config.feature_dim))
        self.register_buffer("weights", torch.zeros(members, config.videos, width))
        if config.clicks:
            self.register_buffer("trust", torch.ones(()))
            self.register_buffer("correction", torch.zeros(width))

    def forward(self, features: Tensor) -> Tensor:
        """Score all (n, D) shots of one video: (n,).

        The mixture's shares are scaled to a sum of 1, which changes no order within the video and
        keeps scores apart where it is far from all that were learned from.

        Raises:
            BadFeaturesError: where D is not the one that the model was fitted to.
        """
        check_width(features, self.config.feature_dim)
        distance = (self.means - features.float().mean(dim=0)).square().sum(dim=1)  # (V,)
        bandwidths = distance.new_tensor(self.config.bandwidths)[:, None]  # (M, 1)
        shares = (-distance / bandwidths).softmax(dim=1)  # (M, V)
        scorers = (shares[:, None] @ self.weights)[:, 0]  # (M, D + 3)
        scores: Tensor = standardised(weigh_shot_features(features, scorers.T)).mean(dim=1)
        if self.config.clicks:
            learned = weigh_shot_features(features, self.correction[:, None])[:, 0]
            return self.trust * scores + learned
        return scores


class ShotScorer:
    """Selects the three seconds of the highest total score, apart from each other."""

    media = Media.GIF
    note = ""

    def __init__(self, network: ShotScorerNetwork, version: str) -> None:
        self._network = network.eval()
        self.version = version

    @classmethod
    def shipped(cls) -> Self:
        """Load the weights that come with this package."""
        return cls(*load_shipped_network(KIND, RULE, ShotScorerConfig, ShotScorerNetwork))

    def scores(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return (n,) the score of every second, of (n, D) features."""
        network = in_full(self._network)
        with torch.inference_mode():
            scores: Tensor = network(torch.from_numpy(features).to(network.weights.device))
        return scores.cpu().numpy()

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return up to 10 triples, those that share no shot first; the seed changes nothing."""
        del seed
        scores, gap_s = self.scores(shots.features)[shots.eligible], max(GAP_S, shots.gap_s)
        return tuple(
            Candidate(tuple(map(float, shots.eligible[triple])), float(scores[triple].sum()))
            for triple in spaced_triples(scores, shots.eligible, gap_s, CANDIDATES)
        )


SELECTOR = Declaration(KIND, ShotScorer.shipped, trained_on=MANIFEST)
