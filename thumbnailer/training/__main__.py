"""Trains one selector: ``python -m thumbnailer.training MODEL --data FOLDER --out FILE``."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from thumbnailer.errors import ThumbnailerError
from thumbnailer.features.efficientnet_lite import MANIFEST
from thumbnailer.selection.base import Selector
from thumbnailer.selection.checkpoint import save_checkpoint
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.data import FOLDS, LabelledVideo, Split, split_by_fold
from thumbnailer.training.evaluate import candidates_score, published_score, reference_scores
from thumbnailer.training.loop import train
from thumbnailer.training.models import RECIPES
from thumbnailer.training.tvsum import load_tvsum


def main(arguments: list[str]) -> int:
    """Train, write the weights and print the table; 1 where the data is at fault."""
    options = _parser().parse_args(arguments)
    config = replace(
        TrainingConfig(), seed=options.seed, steps=options.steps, test_fold=options.test_fold
    )
    try:
        run(options.model, options.data, options.out, config)
    except ThumbnailerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(model: str, data: Path, out: Path, config: TrainingConfig) -> None:
    """Train a model on the folder's videos and write weights to ``out``, its log beside it.

    Raises:
        BadTrainingDataError: where the folder's files are missing or make no sense.
        BadFeaturesError: where features are not finite.
    """
    torch.set_num_threads(1)
    recipe = RECIPES[model]
    split = split_by_fold(load_tvsum(data), config.test_fold)
    trained = train(recipe, split, config, out.with_suffix(".csv"))
    digest = save_checkpoint(out, model, recipe.config, trained.network, MANIFEST)
    print(f"{digest}  {out.name}")
    print(f"best at step {trained.step}\n")
    print(table(model, recipe.selector(trained.network, model), split, config))


def table(model: str, selector: Selector, split: Split, config: TrainingConfig) -> str:
    """Return mean PS (Eq. 9) of every row on validation and test videos, as Markdown."""
    rows: dict[str, Callable[[LabelledVideo], float]] = {
        **reference_scores(split.train, config.ridge_penalty),
        f"{model}, mean of its candidates": lambda video: candidates_score(selector, video),
        f"{model}, published": lambda video: published_score(selector, video),
    }
    lines = [
        f"| PS | validation ({len(split.validation)} videos) | test ({len(split.test)} videos) |",
        "|---|---|---|",
    ]
    for name, score in rows.items():
        means = [np.mean([score(v) for v in part]) for part in (split.validation, split.test)]
        lines.append(f"| {name} | {means[0]:.3f} | {means[1]:.3f} |")
    return "\n".join(lines)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m thumbnailer.training", description=__doc__)
    parser.add_argument("model", choices=sorted(RECIPES))
    parser.add_argument("--data", type=Path, required=True, help="folder with TVSum's two files")
    parser.add_argument("--out", type=Path, required=True, help="weights file to write")
    parser.add_argument("--seed", type=int, default=TrainingConfig().seed)
    parser.add_argument(
        "--test-fold",
        type=int,
        choices=range(FOLDS),
        default=TrainingConfig().test_fold,
        help="videos to report on; the next fold stops the training",
    )
    parser.add_argument("--steps", type=int, default=TrainingConfig().steps, help="at most")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
