"""The fit of the network that knows transitions, and how well it knows those of other videos.

Shapes: N films, C = 65 numbers a picture, T = 52 pictures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from thumbnailer.training.transitions.films import (
    MIXED,
    UNKNOWN,
    WHOLE,
    Footage,
    LabelledFilm,
    labelled_film,
)
from thumbnailer.video.edge_change_ratio import gradient
from thumbnailer.video.transitions import (
    DILATIONS,
    NETWORK_TICKS,
    WIDTHS,
    descriptions,
    patterns,
)

CHANNELS = 32
BATCH, LEARNING_RATE, WEIGHT_DECAY = 32, 3e-3, 1e-3
NOISE, DROPPED = 0.05, 0.03  # of a number's spread; of the numbers of a film
TOLERANCE = 1e-3
FALSE_ALARM = 2.0  # what it counts to call a whole picture of a film without transition mixed


@dataclass(frozen=True, slots=True)
class Lessons:
    """Films as the network sees them.

    Attributes:
        numbers: (N, C, T) float32.
        labels: (N, T) int8.
        kinds: N names.
    """

    numbers: Tensor
    labels: Tensor
    kinds: list[str]


def lessons(footage: Sequence[Footage], count: int, seed: int) -> Lessons:
    """Return so many films of scenes of this footage."""
    rng = np.random.default_rng(seed)
    films = [labelled_film(rng, footage) for _ in range(count)]
    return Lessons(
        torch.from_numpy(np.stack([_numbers(film).T for film in films])),
        torch.from_numpy(np.stack([film.labels for film in films])),
        [film.kind for film in films],
    )


def _numbers(film: LabelledFilm) -> NDArray[np.float32]:
    grays = film.pictures.astype(np.float32) / np.float32(255)
    return patterns(descriptions(film.pictures, grays, np.hypot(*gradient(grays))))


class Network(nn.Module):
    """The network of thumbnailer.video.transitions, as PyTorch trains it."""

    def __init__(self, mean: Tensor, scale: Tensor) -> None:
        super().__init__()
        self.mean, self.scale = nn.Buffer(mean), nn.Buffer(scale)
        sizes = [len(mean), *[CHANNELS] * (len(WIDTHS) - 1), 1]
        self.layers = nn.ModuleList(
            nn.Conv1d(before, after, width, dilation=step)
            for before, after, width, step in zip(sizes, sizes[1:], WIDTHS, DILATIONS, strict=False)
        )

    def forward(self, numbers: Tensor) -> Tensor:
        """Return (N, T) logits of (N, C, T) numbers."""
        rows = (numbers - self.mean[:, None]) / self.scale[:, None]
        rows = nn.functional.pad(rows, (NETWORK_TICKS, NETWORK_TICKS), mode="replicate")
        for layer in self.layers[:-1]:
            rows = layer(rows).relu()
        last: Tensor = self.layers[-1](rows)
        return last[:, 0]


def fit(taught: Lessons, epochs: int, seed: int) -> Network:
    """Return a network that was taught these films, each so often."""
    torch.manual_seed(seed)
    mean, scale = taught.numbers.mean((0, 2)), taught.numbers.std((0, 2)) + TOLERANCE
    network = Network(mean, scale)
    steps = epochs * (len(taught.numbers) // BATCH)
    optimizer = torch.optim.AdamW(
        network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY, foreach=True
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, LEARNING_RATE, total_steps=steps)
    of_kind = torch.tensor([1.0 if kind == "transition" else FALSE_ALARM for kind in taught.kinds])
    for _ in range(steps):
        drawn = torch.randint(0, len(taught.numbers), (BATCH,))
        numbers, labels = taught.numbers[drawn], taught.labels[drawn]
        if torch.rand(()) < 0.5:
            numbers, labels = numbers.flip(2), labels.flip(1)
        numbers = numbers + NOISE * scale[:, None] * torch.randn_like(numbers)
        numbers = numbers * (torch.rand(*numbers.shape[:2], 1) >= DROPPED)
        loss = _loss(network(numbers), labels, of_kind[drawn])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
    return network.eval()


def _loss(logits: Tensor, labels: Tensor, of_film: Tensor) -> Tensor:
    is_known = labels != UNKNOWN
    losses = nn.functional.binary_cross_entropy_with_logits(
        logits, (labels == MIXED).float(), weight=is_known * of_film[:, None], reduction="sum"
    )
    return losses / is_known.sum()


def save(network: Network, path: Path) -> None:
    """Write the weights as thumbnailer.video.transitions reads them, 16 bits a number."""
    state: dict[str, Tensor] = {"mean": network.mean, "scale": network.scale}
    for number, layer in enumerate(network.layers):
        # (D, C, K) to (K, C, D)
        state[f"weight{number}"] = layer.get_parameter("weight").permute(2, 1, 0)
        state[f"bias{number}"] = layer.get_parameter("bias")
    arrays = {name: part.detach().half().numpy() for name, part in state.items()}
    np.savez(path, allow_pickle=False, **arrays)


@torch.no_grad()
def known(network: Network, lessons: Lessons, least: float) -> dict[str, float]:
    """Return of each kind of film how much is called mixed: "transition", of what is, else of all.

    Args:
        network: that was fitted.
        lessons: films that it has not seen.
        least: how sure the network must be.
    """
    called = network(lessons.numbers).sigmoid() >= least
    shares = {}
    for kind in sorted(set(lessons.kinds)):
        of_kind = torch.tensor([each == kind for each in lessons.kinds])
        wanted = MIXED if kind == "transition" else WHOLE
        counted = (lessons.labels == wanted) & of_kind[:, None]
        shares[kind] = float(called[counted].float().mean())
    return shares
