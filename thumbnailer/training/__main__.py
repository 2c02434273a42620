"""Training of one selector: ``python -m thumbnailer.training MODEL --data FOLDER --out FILE``."""

import argparse
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thumbnailer.errors import ThumbnailerError
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.selection.parts.base import Selector
from thumbnailer.training.config import TrainingConfig, read_tables, with_changes
from thumbnailer.training.data import (
    FOLDS,
    LabelledVideo,
    Split,
    has_one_mode,
    split_by_fold,
)
from thumbnailer.training.datasets.load import load_data_set
from thumbnailer.training.evaluate import candidates_score, published_score, reference_scores
from thumbnailer.training.runs import MODELS, load_selector_from, run_model

ONE_MODE_NOTE = (
    "the GIFs of each video show next to the same: there is one good answer a video, and nothing "
    "to learn for GEVADEN's latent variable, which re_seq2seq and ranknet do without"
)


def main(arguments: list[str]) -> int:
    """Train, write the weights and print the table; 1 where the data is at fault."""
    options = _parser().parse_args(arguments)
    try:
        tables = read_tables(options.config) if options.config else {}
        given = {name: getattr(options, name) for name in ("seed", "steps", "test_fold", "device")}
        config = with_changes(TrainingConfig(), tables.get("training", {}), str(options.config))
        config = replace(config, **{k: value for k, value in given.items() if value is not None})
        run(options.model, options.data, options.out, config, tables.get("model"))
    except ThumbnailerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def run(
    model: str,
    data: Path,
    out: Path,
    config: TrainingConfig,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Train a model on the folder's videos and write weights to ``out``, its log beside it.

    Raises:
        BadTrainingDataError: where the folder's files are missing or make no sense.
        BadFeaturesError: where features are not finite.
    """
    torch.set_num_threads(1)
    data_set = load_data_set(data, default_extractor)
    for defect in data_set.defects:
        print(f"left out: {defect.record}: {defect.reason}", file=sys.stderr)
    with_gifs = [video for video in data_set.videos if len(video.gifs)]
    if with_gifs and all(map(has_one_mode, with_gifs)):
        print(ONE_MODE_NOTE, file=sys.stderr)
    split = split_by_fold(data_set.videos, config.test_fold)
    outcome = run_model(model, split, config, out, changes)
    print(f"{outcome.sha256}  {out.name}")
    print(f"{outcome.how}, {outcome.minutes:.1f} minutes\n")
    print(table(model, load_selector_from(model, out), split))


def table(model: str, selector: Selector, split: Split) -> str:
    """Return mean PS (Eq. 9) of every row on validation and test videos, as Markdown."""
    rows: dict[str, Callable[[LabelledVideo], float]] = {
        **reference_scores(split),
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
    parser.add_argument("model", choices=sorted(MODELS))
    parser.add_argument(
        "--data", type=Path, required=True, help="folder of a data set, of any kind"
    )
    parser.add_argument("--out", type=Path, required=True, help="weights file to write")
    parser.add_argument(
        "--config", type=Path, help="TOML file: [training] and [model] fields that differ"
    )
    parser.add_argument("--seed", type=int)
    parser.add_argument(
        "--test-fold",
        type=int,
        choices=range(FOLDS),
        help="videos to report on; the next fold stops the training",
    )
    parser.add_argument("--steps", type=int, help="at most")
    parser.add_argument("--device", choices=("cpu", "cuda"))
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
