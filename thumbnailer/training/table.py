"""Table 2, part 2: all models are trained on each fold, and every row is measured.

``python -m thumbnailer.training.table --data FOLDER --work FOLDER --out docs``

What is in the work folder is not done again, so that a run that was stopped goes on.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
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
from thumbnailer.training.made_up_table import DOCUMENT
from thumbnailer.training.models import RECIPES
from thumbnailer.training.pictures import comment_curve
from thumbnailer.training.record import Record, Said
from thumbnailer.training.report import write_report
from thumbnailer.training.rows import TITLES, Row, chosen_shots, model_rows, reference_rows
from thumbnailer.training.runs import MODELS, load_network, load_selector_from, run_model
from thumbnailer.training.tvsum import load_tvsum
from thumbnailer.training.video_metrics import Figures

PICTURED = 3  # videos of the first fold


def main(arguments: list[str]) -> int:
    """Train, measure and write; 1 where the data is at fault."""
    options = _parser().parse_args(arguments)
    torch.set_num_threads(1)
    try:
        make_table(
            options.data, options.work, options.out, folds=options.folds, seeds=options.seeds
        )
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
    seeds: int = 1,
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
        seeds: that each network is trained from, 0 and up.
        config: of the training, where it is not the default.

    Raises:
        BadTrainingDataError: where the data, or a run left in ``work``, does not fit.
    """
    videos = load_tvsum(data)
    work.mkdir(parents=True, exist_ok=True)
    (out / "models").mkdir(parents=True, exist_ok=True)
    record = Record(
        folds=folds,
        runs={model: [] for model in MODELS},
        figures={title: defaultdict(list) for title in TITLES},
    )
    for fold in folds:
        for seed in range(seeds):
            run_config = replace(config or TrainingConfig(), test_fold=fold, seed=seed)
            _add_run(record, split_by_fold(videos, fold), run_config, work)
    write_report(out / "models" / "tvsum.md", record)
    for folder in (out, out / "models", cards):
        fill_documents(folder, page_figures(record), but=DOCUMENT)
    _write_pictures(split_by_fold(videos, folds[0]), folds[0], work, out / "models")


def _add_run(record: Record, split: Split, config: TrainingConfig, work: Path) -> None:
    """Train and measure one fold from one seed; what has no seed is measured at the first."""
    weights = {
        model: _weights_path(work, model, config)
        for model in MODELS
        if model in RECIPES or config.seed == 0
    }
    for model, path in weights.items():
        record.runs[model].append(_trained(model, split, config, path))
    project = load_network("gevaden", weights["gevaden"]).projection
    rows = model_rows(split, weights, project)
    if config.seed == 0:
        rows |= reference_rows(split, project)
    for name, row in rows.items():
        kept = work / f"figures-{name}-{config.test_fold}-{config.seed}.json"
        for video, figures in _measured(row, split, kept).items():
            record.figures[name][video].append(figures)
        print(f"fold {config.test_fold}, seed {config.seed}: {name}", flush=True)


def _weights_path(work: Path, model: str, config: TrainingConfig) -> Path:
    return work / f"{model}-{config.test_fold}-{config.seed}.pt"


def _trained(model: str, split: Split, config: TrainingConfig, path: Path) -> Said:
    """Train a model unless its weights are there, and return what its run said."""
    said = path.with_suffix(".json")
    if not (path.is_file() and said.is_file()):
        outcome = run_model(model, split, config, path)
        said.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
    read: Said = json.loads(said.read_text(encoding="utf-8"))
    return read


def _measured(row: Row, split: Split, kept: Path) -> dict[str, Figures]:
    """Return a row's figures of each test video, measured unless they are kept there."""
    if not kept.is_file():
        found = {video.name: asdict(row(video)) for video in split.test}
        kept.write_text(json.dumps(found), encoding="utf-8")
    read = json.loads(kept.read_text(encoding="utf-8"))
    return {video: Figures(**values) for video, values in read.items()}


def _write_pictures(split: Split, fold: int, work: Path, out: Path) -> None:
    selectors = {
        TITLES[model]: load_selector_from(model, work / f"{model}-{fold}-0.pt") for model in MODELS
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
    parser.add_argument(
        "--seeds", type=int, default=1, help="how many each network is trained from"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
