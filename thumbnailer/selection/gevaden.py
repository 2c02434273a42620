"""GEVADEN, the Generative Variational Dual-Encoder of "GIF Thumbnails" (AAAI 2021).

Equation numbers are the paper's. β and the dropout are not public; they are tuned on validation.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.results import Candidate
from thumbnailer.selection.parts.average_likelihood import rank_triples
from thumbnailer.selection.parts.base import Declaration, Media, ShotTable
from thumbnailer.selection.parts.card import caution
from thumbnailer.selection.parts.checkpoint import in_full, load_shipped_network
from thumbnailer.selection.parts.matching import distances_to
from thumbnailer.selection.parts.networks import (
    Batch,
    GifDecoder,
    NetworkConfig,
    Projection,
    SequenceEncoder,
)

KIND = "gevaden"
RULE = 2  # raise it when the same weights would give other answers
DRAWS = 128
CANDIDATES = 10


@dataclass(frozen=True, slots=True)
class GevadenConfig(NetworkConfig):
    """What makes a GEVADEN beside the widths.

    Attributes:
        latent_dim: of the Gaussian z.
        beta: weight of the KL divergence (Eq. 5).
        perceptual_weight: λ of Eq. 7; 0.1 is the paper's optimum.
        draws: samples of z for each ground truth in training.
        free_nats: of divergence in each entry of z that cost nothing (Kingma et al. 2016), so
            that the posterior does not collapse onto the prior before z is of use.
        forgetting: share of s_x's entries that the generator does not see in a training step
            (after Bowman et al. 2016), so that it has to read z.
        fixed_prior: z is drawn from N(0, 1) whatever the video, the paper's ablation.
    """

    latent_dim: int = 10
    beta: float = 0.01
    perceptual_weight: float = 0.1
    draws: int = 4
    free_nats: float = 0.2
    forgetting: float = 0.0
    fixed_prior: bool = False


class Gaussian(NamedTuple):
    """A normal distribution with independent entries, (…, 10) each."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, draws: int, generator: torch.Generator | None) -> Tensor:
        """Return (draws, …, 10) samples, differentiable in mean and variance."""
        shape = (draws, *self.mean.shape)
        # Drawn on the CPU, so that a seed means the same on every device.
        noise = torch.empty(shape).normal_(generator=generator).to(self.mean.device)
        return self.mean + (self.log_variance / 2).exp() * noise


def kl_divergence(left: Gaussian, right: Gaussian) -> Tensor:
    """Return D_KL(left || right) of each entry: (…, 10)."""
    ratio = (left.log_variance - right.log_variance).exp()
    distance = (left.mean - right.mean).square() / right.log_variance.exp()
    return (ratio + distance - 1 + right.log_variance - left.log_variance) / 2


class GaussianHead(nn.Module):
    """The two-layer MLP with ReLU from an embedding to a Gaussian (Eqs. 1, 2)."""

    def __init__(self, width: int, latent: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(width, width), nn.ReLU(), nn.Linear(width, 2 * latent)
        )

    def forward(self, embedding: Tensor) -> Gaussian:
        """Turn (…, width) into mean and log variance, (…, latent) each."""
        mean, log_variance = self.layers(embedding).chunk(2, dim=-1)
        return Gaussian(mean, log_variance)


class FixedPrior(nn.Module):
    """The same standard normal for every video."""

    def __init__(self, latent: int) -> None:
        super().__init__()
        self.latent = latent

    def forward(self, embedding: Tensor) -> Gaussian:
        """Turn (…, width) into mean and log variance, (…, latent) zeros each."""
        zeros = embedding.new_zeros(*embedding.shape[:-1], self.latent)
        return Gaussian(zeros, zeros)


class GevadenNetwork(nn.Module):
    """Prior encoder, posterior encoder and GIF generator.

    The temperature of the likelihood (Eq. 10) is fitted after training.
    """

    temperature: Tensor

    def __init__(self, config: GevadenConfig) -> None:
        super().__init__()
        self.config = config
        self.projection = Projection(config)
        self.video_encoder = SequenceEncoder(config.shot_dim, config.video_dim, config.dropout)
        self.prior: nn.Module = (
            FixedPrior(config.latent_dim)
            if config.fixed_prior
            else GaussianHead(config.video_dim, config.latent_dim)
        )
        self.gif_encoder = SequenceEncoder(config.shot_dim, config.gif_dim, config.dropout)
        self.posterior = GaussianHead(config.gif_dim, config.latent_dim)
        self.generator = GifDecoder(config, config.latent_dim)
        self.register_buffer("temperature", torch.ones(()))

    def losses(self, batch: Batch, generator: torch.Generator | None) -> dict[str, Tensor]:
        """Return "total" (Eq. 7) and its parts, means over videos, ground truths and draws.

        Each video is encoded once for all its ground truths and draws of z.
        """
        config = self.config
        truth = batch.gif_shots().flatten(0, 1)  # (B G, 3, d)
        gifs = batch.gifs.shape[1]
        video = self.video_encoder(batch.shots, batch.lengths)  # (B, 512)
        prior = Gaussian(*(part.repeat_interleave(gifs, 0) for part in self.prior(video)))
        gif = self.gif_encoder(truth)  # (B G, 128)
        posterior = self.posterior(gif)
        latents = posterior.sample(config.draws, generator)  # (S, B G, 10)
        seen = functional.dropout(video, config.forgetting, training=self.training)
        videos = seen.repeat_interleave(gifs, 0).repeat(config.draws, 1)  # (S B G, 512)
        generated = self.generator(videos, latents.flatten(0, 1))  # (S B G, 3, d)
        regression = torch.linalg.vector_norm(
            generated - truth.repeat(config.draws, 1, 1), dim=2
        ).sum(dim=1)
        divergence = kl_divergence(posterior, prior)  # (B G, 10)
        parts = {
            "regression": regression.mean(),
            "divergence": divergence.sum(dim=1).mean(),
            "perceptual": self.perceptual_loss(generated, gif.repeat(config.draws, 1)),
        }
        costly = divergence.mean(dim=0).clamp_min(config.free_nats).sum()
        total = parts["regression"] + config.beta * costly  # Eq. 5
        return {"total": total + config.perceptual_weight * parts["perceptual"], **parts}

    def perceptual_loss(self, generated: Tensor, gif: Tensor) -> Tensor:
        """Return the mean of ‖ŝ_y - s_y‖ (Eq. 6).

        The posterior encoder is frozen while it re-embeds, and s_y is a fixed target, so that the
        encoder cannot lower this loss by forgetting.

        Args:
            generated: (M, 3, d) g.
            gif: (M, 128) s_y of the ground truths.
        """
        with frozen(self.gif_encoder):
            embedded = self.gif_encoder(generated)
        distance: Tensor = torch.linalg.vector_norm(embedded - gif.detach(), dim=1)
        return distance.mean()

    def sample_gifs(self, shots: Tensor, draws: int, generator: torch.Generator) -> Tensor:
        """Generate GIFs of one video with z from the prior: (n, d) -> (draws, 3, d)."""
        video = self.video_encoder(shots[None])
        latents = self.prior(video).sample(draws, generator)[:, 0]
        generated: Tensor = self.generator(video.expand(draws, -1), latents)
        return generated


@contextmanager
def frozen(module: nn.Module) -> Iterator[None]:
    """Let gradients pass through the module, but none reach its parameters."""
    trainable = [p for p in module.parameters() if p.requires_grad]
    for parameter in trainable:
        parameter.requires_grad = False
    try:
        yield
    finally:
        for parameter in trainable:
            parameter.requires_grad = True


class Gevaden:
    """Selects the triples of the highest average likelihood over draws of z (Eq. 10, exactly)."""

    media = Media.GIF
    note = caution(KIND)

    def __init__(self, network: GevadenNetwork, version: str) -> None:
        self._network = network.eval()
        self.version = version

    @classmethod
    def shipped(cls) -> Self:
        """Load the weights that come with this package."""
        return cls(*load_shipped_network(KIND, RULE, GevadenConfig, GevadenNetwork))

    def rank(self, shots: ShotTable, *, seed: int) -> tuple[Candidate, ...]:
        """Return up to 10 distinct triples, by average likelihood over the draws."""
        network = in_full(self._network)
        with torch.inference_mode():
            distances = _distances(network, shots, seed)
            likelihoods = (-distances / network.temperature.cpu()).softmax(dim=2)
            seconds = torch.from_numpy(shots.eligible)
            best = rank_triples(likelihoods, count=CANDIDATES, min_gap=shots.gap_s, times=seconds)
        starts_s = shots.eligible[best.shots.numpy()].astype(float)
        return tuple(
            Candidate(tuple(map(float, triple)), float(score))
            for triple, score in zip(starts_s, best.scores, strict=True)
        )


def _distances(network: GevadenNetwork, shots: ShotTable, seed: int) -> Tensor:
    """Return (L, 3, m) distances from generated features to the m shots to choose from."""
    generator = torch.Generator().manual_seed(seed)
    projected = network.projection.of(shots.features)
    generated = network.sample_gifs(projected, DRAWS, generator)
    choice = projected[torch.from_numpy(shots.eligible).to(projected.device)]
    return distances_to(generated, choice).cpu()


SELECTOR = Declaration(KIND, Gevaden.shipped, trained_on=MANIFEST)
