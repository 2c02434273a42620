"""re-SEQ2SEQ, the retrospective encoder of Zhang, Grauman and Sha (ECCV 2018).

A sequence-to-sequence model whose generated GIF, encoded again, must lie near its own video and
away from others. Sizes and training follow GEVADEN, as in the paper's Table 2; the three weights
are not public and tuned on validation.
"""

from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor, nn

from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.results import Candidate
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.selection.parts.card import caution
from thumbnailer.selection.parts.checkpoint import in_full, load_shipped_network
from thumbnailer.selection.parts.matching import distances_to, match
from thumbnailer.selection.parts.networks import (
    Batch,
    GifDecoder,
    NetworkConfig,
    Projection,
    SequenceEncoder,
)

KIND = "re_seq2seq"
RULE = 2  # raise it when the same weights would give other answers
CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class ReSeq2SeqConfig(NetworkConfig):
    """What makes a re-SEQ2SEQ beside the widths.

    Attributes:
        retrospective_weight: λ, of the distance between a video and its own GIF.
        contrast_weight: η, of the hinge against the other videos of the batch.
        margin: m, by which others must be farther.
    """

    retrospective_weight: float = 0.1
    contrast_weight: float = 0.1
    margin: float = 1.0


class ReSeq2SeqNetwork(nn.Module):
    """Video encoder, GIF decoder and retrospective encoder."""

    def __init__(self, config: ReSeq2SeqConfig) -> None:
        super().__init__()
        self.config = config
        self.projection = Projection(config)
        self.video_encoder = SequenceEncoder(config.shot_dim, config.video_dim, config.dropout)
        self.decoder = GifDecoder(config)
        self.gif_encoder = SequenceEncoder(config.shot_dim, config.gif_dim, config.dropout)
        self.gif_to_video = nn.Linear(config.gif_dim, config.video_dim)

    def losses(self, batch: Batch, generator: torch.Generator | None) -> dict[str, Tensor]:
        """Return "total" and its parts, means over videos and ground truths.

        The model draws nothing; the generator is there for those that do.
        """
        del generator
        config = self.config
        video = self.video_encoder(batch.shots, batch.lengths)  # v: (B, 512)
        generated = self.decode(video)  # (B, 3, d)
        retrospect = self.gif_to_video(self.gif_encoder(generated))  # u: (B, 512)
        error = (generated[:, None] - batch.gif_shots()).square().sum(dim=(2, 3))  # (B, G)
        own, contrast = retrospective_losses(video, retrospect, config.margin)
        parts = {"regression": error.mean(), "retrospective": own, "contrast": contrast}
        total = parts["regression"] + config.retrospective_weight * own
        return {"total": total + config.contrast_weight * contrast, **parts}

    def decode(self, video: Tensor) -> Tensor:
        """Generate (B, 3, d) from embeddings (B, 512)."""
        generated: Tensor = self.decoder(video, video.new_zeros(len(video), 0))
        return generated

    def generate(self, shots: Tensor) -> Tensor:
        """Generate the one GIF of one video: (n, d) -> (3, d)."""
        return self.decode(self.video_encoder(shots[None]))[0]


def retrospective_losses(video: Tensor, retrospect: Tensor, margin: float) -> tuple[Tensor, Tensor]:
    """Return the means of ‖u - v‖² and of the hinges over mismatched u' and v' of the batch.

    Args:
        video: (B, w) embeddings v.
        retrospect: (B, w) embeddings u of the generated GIFs.
        margin: m of max(0, m + ‖u - v‖² - ‖u - v'‖²) and of its twin with u'.
    """
    # Mean over the width, so that weights and margin do not depend on it.
    squares = (retrospect[:, None] - video[None]).square().mean(dim=2)  # (B u, B v)
    own = squares.diagonal()
    others = ~torch.eye(len(video), dtype=torch.bool, device=video.device)
    hinges = torch.cat(
        [
            (margin + own[:, None] - squares)[others],  # one u against other videos
            (margin + own[None] - squares)[others],  # one v against other GIFs
        ]
    ).clamp_min(0)
    contrast = hinges.mean() if hinges.numel() else squares.new_zeros(())
    return own.mean(), contrast


class ReSeq2Seq:
    """Selects the triple nearest to what the network generates (Eq. 4)."""

    media = Media.GIF
    note = caution(KIND)

    def __init__(self, network: ReSeq2SeqNetwork, version: str) -> None:
        self._network = network.eval()
        self.version = version

    @classmethod
    def shipped(cls) -> Self:
        """Load the weights that come with this package."""
        return cls(*load_shipped_network(KIND, RULE, ReSeq2SeqConfig, ReSeq2SeqNetwork))

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return up to 10 triples by the negative sum of distances; the seed changes nothing."""
        del seed
        network = in_full(self._network)
        with torch.inference_mode():
            projected = network.projection.of(shots.features)
            generated = network.generate(projected)
            choice = projected[torch.from_numpy(shots.eligible).to(projected.device)]
            distances = distances_to(generated[None], choice).cpu()
            matches = match(distances, torch.from_numpy(shots.eligible), shots.gap_s)
        disjoint = matches.costs[0].isfinite()
        starts_s = shots.eligible[matches.shots[0][disjoint].numpy()].astype(float)
        return tuple(
            Candidate(tuple(map(float, triple)), -float(cost))
            for triple, cost in zip(starts_s, matches.costs[0][disjoint], strict=True)
        )[:CANDIDATES]


SELECTOR = Declaration(KIND, ReSeq2Seq.shipped, trained_on=MANIFEST)
