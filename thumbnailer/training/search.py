"""A search of settings on validation videos: ``python -m thumbnailer.training.search MODEL``.

Each variant is trained on two splits of the data, and the mean PS of its candidates on their
validation videos is written down. Test videos are not looked at. What is in the file already is
not tried again, so that a search that was stopped goes on.
"""

import argparse
import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thumbnailer.errors import ThumbnailerError
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.training.config import TrainingConfig, with_changes
from thumbnailer.training.data import LabelledVideo, split_by_fold
from thumbnailer.training.datasets.load import load_data_set
from thumbnailer.training.runs import run_model

TEST_FOLDS = (0, 2)  # of the splits that are searched on


@dataclass(frozen=True, slots=True)
class Variant:
    """Settings that differ from the defaults, of the training and of the model."""

    training: dict[str, Any] = field(default_factory=dict)
    model: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """Say what differs."""
        return ", ".join(f"{k} {v}" for k, v in (self.training | self.model).items()) or "defaults"


PROJECTION = (
    Variant(),
    Variant(training={"ridge_penalty": 3.0}),
    Variant(training={"ridge_penalty": 40.0}),
    Variant(training={"interest": 1.5}),
    Variant(training={"interest": 3.0}),
    Variant(training={"interest": 12.0}),
    Variant(training={"averaging": 0.0}),
)
# Our own model has no space here: it chooses within the folds that it is given.
SPACES: dict[str, tuple[Variant, ...]] = {
    "ranknet": (
        *PROJECTION,
        Variant(training={"learning_rate": 1e-3}),
        Variant(model={"dropout": 0.5}),
        Variant(model={"far_s": 5}),
    ),
    "re_seq2seq": (
        *PROJECTION,
        Variant(model={"retrospective_weight": 1.0}),
        Variant(model={"contrast_weight": 1.0}),
        Variant(model={"dropout": 0.0}),
    ),
    "gevaden": (
        Variant(),
        Variant(model={"video_dim": 512, "gif_dim": 128}),  # the paper's
        Variant(training={"steps": 120}, model={"free_nats": 0.0}),
        Variant(model={"free_nats": 0.0}),
        Variant(training={"interest": 3.0}),
        Variant(training={"interest": 12.0}),
        Variant(training={"ridge_penalty": 40.0}),
        Variant(model={"perceptual_weight": 0.03}),
        Variant(model={"perceptual_weight": 0.3}),
        Variant(model={"beta": 0.1}),
        Variant(model={"draws": 8}),
    ),
}


@dataclass(frozen=True, slots=True)
class Trial:
    """One line of the file."""

    model: str
    variant: str
    test_fold: int
    validation_score: float
    how: str


def search(
    model: str,
    videos: tuple[LabelledVideo, ...],
    work: Path,
    variants: Sequence[Variant],
    config: TrainingConfig,
) -> list[Trial]:
    """Try each variant on each split, and return all that has been tried of this model.

    Raises:
        BadTrainingDataError: where a variant makes no sense.
    """
    work.mkdir(parents=True, exist_ok=True)
    path = work / f"{model}.csv"
    trials = read_trials(path)
    for variant in variants:
        for fold in TEST_FOLDS:
            if any((one.variant, one.test_fold) == (variant.title, fold) for one in trials):
                continue
            changed = with_changes(config, {**variant.training, "test_fold": fold}, variant.title)
            # Half-done runs of different variants must not be taken for each other.
            out = work / f"{model}-{variant.title.replace(' ', '_')}-{fold}.pt"
            outcome = run_model(model, split_by_fold(videos, fold), changed, out, variant.model)
            trials.append(Trial(model, variant.title, fold, outcome.validation_score, outcome.how))
            _write(path, trials)
    return trials


def read_trials(path: Path) -> list[Trial]:
    """Return what an earlier search wrote; nothing where there was none."""
    if not path.is_file():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Trial(
                row["model"],
                row["variant"],
                int(row["test_fold"]),
                float(row["validation_score"]),
                row["how"],
            )
            for row in csv.DictReader(file)
        ]


def ranking(trials: Sequence[Trial]) -> list[tuple[str, float]]:
    """Return each variant with its mean score over the splits, the best first."""
    by_variant = groupby(sorted(trials, key=lambda one: one.variant), key=lambda one: one.variant)
    means = [(title, float(np.mean([o.validation_score for o in of]))) for title, of in by_variant]
    return sorted(means, key=lambda pair: -pair[1])


def main(arguments: list[str]) -> int:
    """Search, and print the variants in order; 1 where the data is at fault."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(1)
    try:
        data_set = load_data_set(options.data, default_extractor)
        for defect in data_set.defects:
            print(f"left out: {defect.record}: {defect.reason}", file=sys.stderr)
        space = SPACES[options.model]
        trials = search(options.model, data_set.videos, options.work, space, TrainingConfig())
    except ThumbnailerError as error:
        print(error, file=sys.stderr)
        return 1
    for title, score in ranking(trials):
        print(f"{score:.3f}  {title}")
    return 0


def _write(path: Path, trials: Sequence[Trial]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, asdict(trials[0]).keys())
        writer.writeheader()
        writer.writerows(asdict(one) for one in trials)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m thumbnailer.training.search", description="Search on validation videos."
    )
    parser.add_argument("model", choices=sorted(SPACES))
    parser.add_argument("--data", type=Path, required=True, help="folder of any data set")
    parser.add_argument("--work", type=Path, default=Path("var/search"), help="for what was tried")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
