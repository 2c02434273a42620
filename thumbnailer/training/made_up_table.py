"""The table of the made-up world: ``python -m thumbnailer.training.made_up_table``.

Every model is trained on it and tested on videos that it has not seen, with one good GIF a video
and with more. What is in the work folder is not done again.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from thumbnailer.selection.gevaden import GevadenConfig
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.controls import Generating, best_column, swap_test
from thumbnailer.training.data import LabelledVideo, Split, split_by_fold
from thumbnailer.training.datasets.made_up_world import (
    FEATURES,
    MODES,
    WorldConfig,
    made_up_world,
)
from thumbnailer.training.doc_templates import fill_document
from thumbnailer.training.evaluate import published_score, reference_scores
from thumbnailer.training.intervals import compare, holm
from thumbnailer.training.loop import set_projection, train
from thumbnailer.training.models import RECIPES, Recipe
from thumbnailer.training.record import interval_cell, mean_cell, p_cell, table
from thumbnailer.training.ridge import interest_score

TRAINING = TrainingConfig(
    steps=800,
    batch_size=8,
    learning_rate=1.5e-3,
    interest=0.0,  # the column of a regression is no part of this world
    evaluate_every=200,
    patience=10,
)
WIDTHS = {"feature_dim": FEATURES, "shot_dim": FEATURES, "video_dim": 48, "gif_dim": 24}
TESTED = 30  # videos
DOCUMENT = "made_up_world.md"
PAIRS = (
    ("gevaden", "re_seq2seq"),
    ("gevaden", "gevaden_fixed_prior"),
    ("gevaden", "gevaden_no_perceptual_loss"),
    ("gevaden_heavy", "gevaden_no_perceptual_loss"),
)

Figures = dict[str, list[float]]  # of each test video: "published", and "own" and "swapped" draws


def recipes() -> dict[str, Recipe]:
    """Return the models at the widths of this world, and GEVADEN with a heavier λ."""
    found = dict(RECIPES)
    heavy = replace(GevadenConfig(), perceptual_weight=1.0)
    found["gevaden_heavy"] = replace(RECIPES["gevaden"], config=heavy, title="GEVADEN, λ = 1")
    return {
        name: replace(recipe, config=replace(recipe.config, **WIDTHS))
        for name, recipe in found.items()
    }


def measured(recipe: Recipe, split: Split, config: TrainingConfig, out: Path) -> Figures:
    """Train a model and return its figures, unless they are at ``out`` already."""
    if not out.is_file():
        network = train(recipe, split, config, out).network
        selector = recipe.selector(network, "in training")
        found = {"published": [published_score(selector, video) for video in split.test]}
        if isinstance(network, Generating):
            swap = swap_test(network, split.test)
            found |= {"own": swap.own.tolist(), "swapped": swap.swapped.tolist()}
        out.write_text(json.dumps(found), encoding="utf-8")
    read: Figures = json.loads(out.read_text(encoding="utf-8"))
    return read


def world_table(modes: int, seeds: int, work: Path) -> str:
    """Train and measure what is not yet in ``work``, and return the table of one world."""
    split = _world(modes)
    scores = reference_scores(split) | {"best input column alone": _best_column(split)}
    references = {
        name: [{"published": [score(video) for video in split.test]}]
        for name, score in scores.items()
    }
    models = {recipe.title: _runs(name, modes, seeds, work) for name, recipe in recipes().items()}
    return table(
        ("row", "published", "draws", "draws by another video's condition"),
        [
            (title, *(_cell(runs, figure) for figure in ("published", "own", "swapped")))
            for title, runs in {**references, **models}.items()
        ],
    )


def differences_table(seeds: int, work: Path) -> str:
    """Return how the draws of pairs of models differ in each world, p corrected for all of them."""
    titles = {name: recipe.title for name, recipe in recipes().items()}
    asked = [(modes, *pair) for modes in MODES for pair in PAIRS]
    found = [
        compare(*(_values(_runs(name, modes, seeds, work), "own") for name in pair))
        for modes, *pair in asked
    ]
    corrected = holm([each.p_value for each in found])
    return table(
        ("good GIFs", "draws of", "minus", "difference", "p"),
        [
            (
                str(modes),
                titles[left],
                titles[right],
                interval_cell(each.difference, signed=True),
                p_cell(p_value),
            )
            for (modes, left, right), each, p_value in zip(asked, found, corrected, strict=True)
        ],
    )


def main(arguments: list[str]) -> int:
    """Train, measure, and write the tables into the document."""
    parser = argparse.ArgumentParser(description="Train and measure every model, made-up world")
    parser.add_argument("--work", type=Path, default=Path("var/made_up"), help="for what was done")
    parser.add_argument("--out", type=Path, default=Path("docs/models"), help="of the document")
    parser.add_argument("--seeds", type=int, default=3, help="that each network is trained from")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    options.work.mkdir(parents=True, exist_ok=True)
    told = (options.seeds, options.work)
    figures: dict[str, Callable[[], str]] = {
        f"world-{modes}": partial(world_table, modes, *told) for modes in MODES
    }
    figures["world-differences"] = partial(differences_table, *told)
    fill_document(options.out / DOCUMENT, figures)
    return 0


@cache
def _split(modes: int) -> Split:
    return split_by_fold(made_up_world(WorldConfig(modes=modes)), 0)


def _world(modes: int) -> Split:
    split = _split(modes)
    return replace(split, validation=split.validation[:TESTED], test=split.test[:TESTED])


def _best_column(split: Split) -> Callable[[LabelledVideo], float]:
    """Return what the input column scores that alone is best on validation, as a control."""
    recipe = recipes()["gevaden"]
    network = recipe.network(recipe.config)
    set_projection(network, split.train, TRAINING)
    interest = best_column(network.projection, split.validation)
    return lambda video: interest_score(video, interest)


def _runs(name: str, modes: int, seeds: int, work: Path) -> list[Figures]:
    """Return the figures of a model from each seed."""
    return [
        measured(
            recipes()[name],
            _world(modes),
            replace(TRAINING, seed=seed),
            work / f"{name}-{modes}-{seed}.json",
        )
        for seed in range(seeds)
    ]


def _cell(runs: Sequence[Figures], figure: str) -> str:
    values = _values(runs, figure)
    return mean_cell(values) if values.size else ""


def _values(runs: Sequence[Figures], figure: str) -> NDArray[np.float64]:
    """Return (S, V) figures of S seeds and V videos; none where the model has none."""
    return np.asarray([run[figure] for run in runs if figure in run])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
