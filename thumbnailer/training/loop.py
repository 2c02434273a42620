"""The trainer: it knows losses and scores, and nothing of the model that they belong to."""

import csv
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.data import LabelledVideo, Split
from thumbnailer.training.evaluate import candidates_score
from thumbnailer.training.models import Recipe
from thumbnailer.training.projection import fit_projection
from thumbnailer.training.sampling import draw_batch


@dataclass(frozen=True, slots=True)
class Trained:
    """The best network of a run.

    Attributes:
        network: with the weights of the best look.
        step: at which that was.
        validation_score: mean PS of its candidates then.
    """

    network: nn.Module
    step: int
    validation_score: float


def train(recipe: Recipe, split: Split, config: TrainingConfig, log: Path) -> Trained:
    """Train until validation PS stops to rise, and return the network of its best moment.

    Args:
        recipe: the model.
        split: its videos.
        config: how.
        log: CSV file to write losses and scores to, one row a look.
    """
    torch.manual_seed(config.seed)
    network = recipe.network(recipe.config)
    set_projection(network, split.train, config)
    with torch.no_grad():
        projected = {v.name: network.projection(torch.from_numpy(v.features)) for v in split.train}
    run = _Run(recipe, network, split, config)
    with _csv_log(log) as write, tqdm(total=config.steps, unit="step") as bar:
        for losses in _steps(network, split.train, projected, config):
            bar.update()
            if row := run.look(losses):
                write(row)
                bar.set_postfix(best=f"{run.best.validation_score:.3f}")
            if run.is_over:
                break
    recipe.finish(run.best.network, split.validation)
    return run.best


def set_projection(network: Any, train: tuple[LabelledVideo, ...], config: TrainingConfig) -> None:
    """Fit the projection and store it in the network."""
    projection = network.projection
    mean, matrix = fit_projection(
        train,
        projection.matrix.shape[1],
        penalty=config.ridge_penalty,
        interest=config.interest,
    )
    projection.mean.copy_(torch.from_numpy(mean))
    projection.matrix.copy_(torch.from_numpy(matrix))


class _Run:
    """Keeps the best network so far."""

    def __init__(
        self, recipe: Recipe, network: nn.Module, split: Split, config: TrainingConfig
    ) -> None:
        self._recipe, self._network, self._config = recipe, network, config
        self._validation = split.validation
        self._step = self._looks_since_best = 0
        self._sums: dict[str, float] = {}
        self.best = Trained(network, 0, -np.inf)

    @property
    def is_over(self) -> bool:
        return self._looks_since_best >= self._config.patience

    def look(self, losses: dict[str, Tensor]) -> dict[str, float]:
        """Count a step; every so often score the network and return a row of the log."""
        self._step += 1
        for name, loss in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(loss.detach())
        if self._step % self._config.evaluate_every:
            return {}
        means = {name: total / self._config.evaluate_every for name, total in self._sums.items()}
        self._sums = {}
        score = self._score()
        self._looks_since_best += 1
        if score > self.best.validation_score:
            self.best = Trained(deepcopy(self._network), self._step, score)
            self._looks_since_best = 0
        return {"step": self._step, "validation_ps": score, **means}

    def _score(self) -> float:
        selector = self._recipe.selector(self._network, "in training")
        scores = [candidates_score(selector, video) for video in self._validation]
        self._network.train()
        return float(np.mean(scores))


def _steps(
    network: Any,
    videos: tuple[LabelledVideo, ...],
    projected: dict[str, Tensor],
    config: TrainingConfig,
) -> Iterator[dict[str, Tensor]]:
    rng = np.random.default_rng(config.seed)
    generator = torch.Generator().manual_seed(config.seed)
    optimizer = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
    network.train()
    for _ in range(config.steps):
        losses = network.losses(draw_batch(videos, projected, config, rng), generator)
        optimizer.zero_grad()
        losses["total"].backward()
        nn.utils.clip_grad_norm_(network.parameters(), config.gradient_norm)
        optimizer.step()
        yield losses


@contextmanager
def _csv_log(path: Path) -> Iterator[Callable[[Mapping[str, float]], None]]:
    """Give a function that writes one row, the first below its column names."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)

        def write(row: Mapping[str, float]) -> None:
            if not file.tell():
                writer.writerow(row.keys())
            writer.writerow(row.values())
            file.flush()

        yield write
