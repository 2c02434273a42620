"""One training run of any model, from a split to a weights file."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.selection import shot_scorer
from thumbnailer.selection.parts.base import Selector
from thumbnailer.selection.parts.checkpoint import load_checkpoint, save_checkpoint
from thumbnailer.training.config import TrainingConfig, with_changes
from thumbnailer.training.data import Split
from thumbnailer.training.loop import train
from thumbnailer.training.models import RECIPES
from thumbnailer.training.shot_scorer import fit_shot_scorer

MODELS = (*RECIPES, shot_scorer.KIND)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run ended with.

    Attributes:
        sha256: of the weights file.
        how: at which step, or with which choices, in words.
        validation_score: the mean PS by which that was chosen.
        minutes: that it took, by the clock; less where it went on from an earlier one.
    """

    sha256: str
    how: str
    validation_score: float
    minutes: float


def run_model(
    model: str,
    split: Split,
    config: TrainingConfig,
    out: Path,
    changes: Mapping[str, Any] | None = None,
) -> Outcome:
    """Train a model, write its weights to ``out`` and its log beside it.

    Args:
        model: one of MODELS.
        split: the videos. Our own model has no early stopping: it takes training and validation
            videos together and chooses by folds within them.
        config: how.
        out: the weights file.
        changes: fields of the model's configuration that are not its defaults.

    Raises:
        BadTrainingDataError: where a change makes no sense, or an unfinished run is another's.
    """
    begun_s = time.monotonic()
    fit: Callable[..., tuple[Any, str, float]] = (
        _fit_closed if model == shot_scorer.KIND else _fit_by_steps
    )
    network, how, score = fit(model, split, config, out, dict(changes or {}))
    digest = save_checkpoint(out, model, network.config, network, MANIFEST, training=asdict(config))
    return Outcome(digest, how, score, (time.monotonic() - begun_s) / 60)


def load_selector_from(model: str, path: Path) -> Selector:
    """Return the selector of a weights file that ``run_model`` wrote.

    Raises:
        CheckpointMissingError: where there is none.
        CheckpointMismatchError: where it is another model's, or damaged.
    """
    network = load_network(model, path)
    wrap: Callable[[Any, str], Selector] = (
        shot_scorer.ShotScorer if model == shot_scorer.KIND else RECIPES[model].selector
    )
    return wrap(network, model)


def load_network(model: str, path: Path) -> Any:
    """Return the network of a weights file; errors are those of ``load_selector_from``."""
    checkpoint = load_checkpoint(path, model)
    if model == shot_scorer.KIND:
        return checkpoint.restore(shot_scorer.ShotScorerConfig, shot_scorer.ShotScorerNetwork)
    recipe = RECIPES[model]
    return checkpoint.restore(type(recipe.config), recipe.network)


def _fit_by_steps(
    model: str, split: Split, config: TrainingConfig, out: Path, changes: dict[str, Any]
) -> tuple[Any, str, float]:
    recipe = RECIPES[model]
    recipe = replace(recipe, config=with_changes(recipe.config, changes, model))
    trained = train(recipe, split, config, out)
    return trained.network, f"best at step {trained.step}", trained.validation_score


def _fit_closed(
    model: str, split: Split, config: TrainingConfig, out: Path, changes: dict[str, Any]
) -> tuple[Any, str, float]:
    del config, out
    with_changes(NothingToChange(), changes, model)
    network, score = fit_shot_scorer(split.train + split.validation)
    how = f"{len(network.config.penalties)} members"
    return network, how, score


@dataclass(frozen=True, slots=True)
class NothingToChange:
    """The settings of a model that chooses its own."""
