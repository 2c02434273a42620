"""Table 2, part 2: all models are trained on each fold, and every row is measured.

``python -m thumbnailer.training.table --data FOLDER --work FOLDER --out docs``

What is in the work folder is not done again, so that a run that was stopped goes on.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch

from thumbnailer.errors import ThumbnailerError
from thumbnailer.selection.parts.checkpoint import SHIPPED
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.data import FOLDS, LabelledVideo, Split, split_by_fold
from thumbnailer.training.doc_tables import page_figures
from thumbnailer.training.doc_templates import fill_documents
from thumbnailer.training.pictures import comment_curve
from thumbnailer.training.record import Record
from thumbnailer.training.report import write_report
from thumbnailer.training.rows import TITLES, chosen_shots, rows_of_fold
from thumbnailer.training.runs import MODELS, load_selector_from, run_model
from thumbnailer.training.tvsum import load_tvsum
from thumbnailer.training.video_metrics import Figures

PICTURED = 3  # videos of the first fold


def main(arguments: list[str]) -> int:
    """Train, measure and write; 1 where the data is at fault."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(1)
    try:
        make_table(options.data, options.work, options.out, folds=options.folds)
    except ThumbnailerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def make_table(
    data: Path,
    work: Path,
    out: Path,
    *,
    cards: Path = SHIPPED,
    folds: Sequence[int] = tuple(range(FOLDS)),
    config: TrainingConfig | None = None,
) -> None:
    """Train what is not yet in ``work``, measure it, and write all documents.

    Args:
        data: a folder with TVSum's two files.
        work: for weights, logs and figures; what is there is taken up.
        out: the documents' folder: models/tvsum.md and pictures are written, and the figures in
            every document that has places for them.
        cards: the folder of the shipped weights' cards, which are filled likewise.
        folds: to test, one after the other.
        config: of the training, where it is not the default.

    Raises:
        BadTrainingDataError: where the data, or a run left in ``work``, does not fit.
    """
    videos = load_tvsum(data)
    work.mkdir(parents=True, exist_ok=True)
    (out / "models").mkdir(parents=True, exist_ok=True)
    record = Record(folds=folds, runs={}, figures={title: {} for title in TITLES})
    for fold in folds:
        fold_config = replace(config or TrainingConfig(), test_fold=fold)
        split = split_by_fold(videos, fold)
        weights = {model: work / f"{model}-{fold}.pt" for model in MODELS}
        for model, path in weights.items():
            record.runs[f"{model}-{fold}"] = _trained(model, split, fold_config, path)
        _measure(split, weights, fold_config, work, record.figures)
    write_report(out / "models" / "tvsum.md", record)
    for folder in (out, out / "models", cards):
        fill_documents(folder, page_figures(record))
    _write_pictures(split_by_fold(videos, folds[0]), folds[0], work, out / "models")


def _trained(
    model: str, split: Split, config: TrainingConfig, path: Path
) -> dict[str, float | str]:
    """Train a model unless its weights are there, and return what its run said."""
    said = path.with_suffix(".json")
    if not (path.is_file() and said.is_file()):
        outcome = run_model(model, split, config, path)
        said.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
    read: dict[str, float | str] = json.loads(said.read_text(encoding="utf-8"))
    return read


def _measure(
    split: Split,
    weights: Mapping[str, Path],
    config: TrainingConfig,
    work: Path,
    figures: dict[str, dict[str, Figures]],
) -> None:
    """Add every row's figures for the test videos, one file a row and fold."""
    for name, row in rows_of_fold(split, dict(weights), config).items():
        kept = work / f"figures-{name}-{config.test_fold}.json"
        if not kept.is_file():
            found = {video.name: asdict(row(video)) for video in split.test}
            kept.write_text(json.dumps(found), encoding="utf-8")
        for video, values in json.loads(kept.read_text(encoding="utf-8")).items():
            figures[name][video] = Figures(**values)
        print(f"fold {config.test_fold}: {name}", flush=True)


def _write_pictures(split: Split, fold: int, work: Path, out: Path) -> None:
    selectors = {
        TITLES[model]: load_selector_from(model, work / f"{model}-{fold}.pt") for model in MODELS
    }
    for number, video in enumerate(_spread(split.test, PICTURED)):
        chosen = {
            title: chosen_shots(selector, video).tolist() for title, selector in selectors.items()
        }
        title = f"TVSum {video.name}: mean rating above its minimum, and the seconds chosen"
        picture = comment_curve(title, video.counts, chosen)
        (out / f"comments-{number + 1}.svg").write_text(picture, encoding="utf-8")


def _spread(videos: Sequence[LabelledVideo], count: int) -> list[LabelledVideo]:
    """Return some of the videos, evenly spaced, so that nobody picks the flattering ones."""
    return [videos[i] for i in np.linspace(0, len(videos) - 1, count).astype(int)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m thumbnailer.training.table", description="Train and measure every model."
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with TVSum's two files")
    parser.add_argument("--work", type=Path, default=Path("var/table"), help="for weights and logs")
    parser.add_argument("--out", type=Path, default=Path("docs"), help="for the documents")
    parser.add_argument(
        "--folds", type=int, nargs="+", choices=range(FOLDS), default=list(range(FOLDS))
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
