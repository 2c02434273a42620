"""The trainer: it knows losses and scores, and nothing of the model that they belong to."""

import csv
from copy import deepcopy
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from thumbnailer.selection.parts.within_video import within_video
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.data import LabelledVideo, Split
from thumbnailer.training.evaluate import candidates_score
from thumbnailer.training.models import Recipe
from thumbnailer.training.projection import fit_projection
from thumbnailer.training.sampling import draw_batch
from thumbnailer.training.state import (
    State,
    load_state,
    random_state,
    save_state,
    set_random_state,
)


@dataclass(frozen=True, slots=True)
class Trained:
    """The best network of a run.

    Attributes:
        network: with the weights of the best evaluation, on the CPU.
        step: at which that was.
        validation_score: mean PS of its candidates then.
    """

    network: nn.Module
    step: int
    validation_score: float


def train(recipe: Recipe, split: Split, config: TrainingConfig, out: Path) -> Trained:
    """Train until validation PS stops to rise, and return the network of its best moment.

    A run that was killed goes on from its last evaluation on the validation videos, and ends with
    the weights that it would have had.

    Args:
        recipe: the model.
        split: its videos.
        config: how.
        out: names the files: losses and scores go to ``out`` with the suffix .csv, one row
            an evaluation; where the run stands to .state, removed at the end.

    Raises:
        BadTrainingDataError: where a run with other settings was left there unfinished.
    """
    torch.manual_seed(config.seed)
    network = recipe.network(recipe.config)
    set_projection(network, split.train, config)
    run = _Run(recipe, network, split, config)
    path = out.with_suffix(".state")
    if state := load_state(path, run.settings):
        run.restore(state)
    with tqdm(total=config.steps, initial=run.step, unit="step") as bar:
        while run.step < config.steps and not run.is_over:
            run.take_step()
            bar.update()
            if run.step % config.evaluate_every == 0:
                run.evaluate()
                save_state(path, run.state())
                write_log(out.with_suffix(".csv"), run.rows)
                bar.set_postfix(best=f"{run.best.validation_score:.3f}")
    if recipe.finish is not None:
        recipe.finish(run.best.network, split.validation)
    path.unlink(missing_ok=True)
    return run.best


def set_projection(network: Any, train: tuple[LabelledVideo, ...], config: TrainingConfig) -> None:
    """Fit the projection and store it in the network."""
    matrix = network.projection.matrix
    fitted = fit_projection(
        train, matrix.shape[1], penalty=config.ridge_penalty, interest=config.interest
    )
    matrix.copy_(torch.from_numpy(fitted))


def write_log(path: Path, rows: list[dict[str, float]]) -> None:
    """Write one row an evaluation below the names of the columns."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def _is_mixed(config: TrainingConfig) -> bool:
    """Tell whether the networks compute in bfloat16; PyTorch has no LSTM of it for some CPUs."""
    has_lstm = config.device != "cpu" or torch.ops.mkldnn._is_mkldnn_bf16_supported()  # noqa: SLF001
    return config.mixed_precision and bool(has_lstm)


class _Run:
    """A network in training, its best moment so far, and all that changes from step to step."""

    def __init__(self, recipe: Recipe, network: Any, split: Split, config: TrainingConfig) -> None:
        self._recipe, self._split, self._config = recipe, split, config
        # Smoothed before they are projected, not after as in selection: the shipped weights were
        # trained on these sums, and rounding is enough to turn GEVADEN's course.
        self._projected = {
            video.name: (
                within_video(torch.from_numpy(video.features)) @ network.projection.matrix
            ).to(config.device)
            for video in split.train
        }
        self._network = network.to(config.device)
        self._average = deepcopy(network).requires_grad_(requires_grad=False)
        self._optimizer = torch.optim.Adam(network.parameters(), lr=config.learning_rate)
        self._rng = np.random.default_rng(config.seed)
        self._generator = torch.Generator().manual_seed(config.seed)
        self._sums: dict[str, float] = {}
        self._since_best = 0
        self.step = 0
        self.rows: list[dict[str, float]] = []
        self.best = Trained(deepcopy(self._average).cpu(), 0, -np.inf)

    @property
    def settings(self) -> State:
        return {"training": asdict(self._config), "model": asdict(self._recipe.config)}

    @property
    def is_over(self) -> bool:
        return self._since_best >= self._config.patience

    def take_step(self) -> None:
        config = self._config
        self._network.train()
        batch = draw_batch(self._split.train, self._projected, config, self._rng)
        with torch.autocast(config.device, torch.bfloat16, enabled=_is_mixed(config)):
            losses = self._network.losses(batch, self._generator)
        self._optimizer.zero_grad()
        losses["total"].backward()
        nn.utils.clip_grad_norm_(self._network.parameters(), config.gradient_norm)
        self._optimizer.step()
        self.step += 1
        self._add_to_average()
        self._add_to_sums(losses)

    def _add_to_average(self) -> None:
        # Of the first steps it is the plain mean, lest the untrained weights linger.
        share = max(1 - self._config.averaging, 1 / self.step)
        pairs = zip(self._average.parameters(), self._network.parameters(), strict=True)
        for average, trained in pairs:
            average.lerp_(trained.detach(), share)

    def _add_to_sums(self, losses: dict[str, Tensor]) -> None:
        for name, loss in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(loss.detach())

    def evaluate(self) -> None:
        """Score the network and keep it where it is the best so far."""
        means = {name: total / self._config.evaluate_every for name, total in self._sums.items()}
        self._sums = {}
        score = self._score()
        self.rows.append({"step": self.step, "validation_ps": score, **means})
        self._since_best += 1
        if score > self.best.validation_score:
            self.best = Trained(deepcopy(self._average).cpu(), self.step, score)
            self._since_best = 0

    def _score(self) -> float:
        selector = self._recipe.selector(self._average, "in training")
        return float(np.mean([candidates_score(selector, v) for v in self._split.validation]))

    def state(self) -> State:
        return {
            "settings": self.settings,
            "step": self.step,
            "since_best": self._since_best,
            "rows": self.rows,
            "network": self._network.state_dict(),
            "average": self._average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "random": random_state(self._rng, self._generator),
            "best": self.best.network.state_dict(),
            "best_step": self.best.step,
            "best_score": self.best.validation_score,
        }

    def restore(self, state: State) -> None:
        self.step, self.rows = state["step"], state["rows"]
        self._since_best = state["since_best"]
        self._network.load_state_dict(state["network"])
        self._average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])
        set_random_state(state["random"], self._rng, self._generator)
        best = deepcopy(self._average).cpu()
        best.load_state_dict(state["best"])
        self.best = Trained(best, state["best_step"], state["best_score"])
