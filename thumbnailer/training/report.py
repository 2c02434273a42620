"""Table 2, part 2, as Markdown."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from thumbnailer.training.intervals import RESAMPLES
from thumbnailer.training.models import RECIPES
from thumbnailer.training.record import Record, interval_cell, mean_cell, p_cell, table
from thumbnailer.training.rows import TITLES
from thumbnailer.training.runs import MODELS
from thumbnailer.training.video_metrics import SAMPLES

COMPARED = ("gevaden", "shot_scorer")
HEAD = """# Table 2, part 2: a proxy

TVSum (Song et al., CVPR 2015) stands in for annotated GIFs: 50 videos, 20 raters who said how
important each two seconds are to a summary. A rater's GIF is made of his three best seconds, 5 s
apart; comments are the mean rating above its minimum. So **nothing here is comparable with the
figures of the paper's Table 2**, only the order of the rows is. Hecate and BeautThumb need pixels,
which this data set does not have here: they are left out.

Five fixed folds, with one video of each category: three train, one stops the training, one is
tested. Ridge regression and the shot scorer need no stopping and learn from four. Figures are means
over the {videos} test videos of {folds}, with 95 % intervals by the bootstrap over
videos and seeds ({resamples:,} resamples). {seeds}. Made by `python -m thumbnailer.training.table`.

Controls stand beside the models: the same weights by another video's condition (the embedding and z
of each other test video in turn), and the top three shots of single input columns, without any
network. A network that is not above them has not been shown to look at the video.
"""


def write_report(path: Path, record: Record) -> None:
    """Write the document."""
    parts = [
        HEAD.format(
            resamples=RESAMPLES,
            videos=len(record.figures["random"]),
            folds=f"folds {', '.join(map(str, record.folds))}",
            seeds=_seeds(record),
        ),
        _posterior_scores(record),
        _matching_errors(record),
        *[_comparisons(record, row) for row in COMPARED],
        _folds(record),
        _runs(record),
    ]
    path.write_text("\n".join(parts), encoding="utf-8")


def _seeds(record: Record) -> str:
    counts = {len(record.values(model, "ps")) for model in RECIPES}
    if counts == {1}:
        return "Every network was trained from one seed: what another would change is not in them"
    return f"Every network was trained from {max(counts)} seeds"


def _posterior_scores(record: Record) -> str:
    rows = [
        (
            TITLES[name],
            mean_cell(record.values(name, "ps")),
            mean_cell(record.values(name, "ps_of_draws")),
        )
        for name in TITLES
        if record.has(name, "ps") or record.has(name, "ps_of_draws")
    ]
    return _section(
        "Posterior score (Eq. 9): higher is better",
        f"Of the GIF that would be published, and the mean over {SAMPLES:,} draws (Eq. 4 for each) "
        "where a row draws. A published random GIF is the exact expectation. People have another "
        "yardstick: the mean of the 19 others.",
        ("row", "published", "of draws"),
        rows,
    )


def _matching_errors(record: Record) -> str:
    names = ("pme", "pme_best_mean", "pme_squared", "pme_squared_best_mean", "pme_outside")
    rows = [
        (TITLES[name], *(mean_cell(record.values(name, figure)) for figure in names))
        for name in TITLES
        if not np.isnan(record.values(name, "pme")).all()
    ]
    return _section(
        "Perceptual matching error (Eq. 8): lower is better",
        f"Exact, over {SAMPLES:,} draws for random and GEVADEN, against the GIFs of all raters. "
        "The best of several, as the paper has it, can be read in two ways: each draw against the "
        "GIF that it meets best, or all draws against one GIF. The paper's figures fit the squared "
        "ratio better. The space is GEVADEN's projection, the same for all rows; rows that choose "
        "shots count as generating those shots' features, which puts them at 0.5 or above unless "
        "they hit. To generate the video's mean, or nothing at all, takes no knowledge and does "
        "well. The last column leaves the column of interest out.",
        (
            "row",
            "each draw's best GIF",
            "one GIF for all",
            "squared, each",
            "squared, one",
            "each, without the column of interest",
        ),
        rows,
    )


def _comparisons(record: Record, left: str) -> str:
    rows = []
    for name, found, p_value in record.against_all(left):
        pme = record.values(left, "pme") - record.values(name, "pme")
        difference = interval_cell(found.difference, signed=True)
        rows.append((TITLES[name], difference, p_cell(p_value), mean_cell(pme, signed=True)))
    return _section(
        f"{TITLES[left]} against each",
        "Differences within videos; p of PS by the same bootstrap, corrected for the number of "
        "rows (Holm).",
        ("minus", "PS", "p", "PME (each draw's best GIF)"),
        rows,
    )


def _folds(record: Record) -> str:
    rows = []
    for name in TITLES:
        means = record.by_fold(name, "ps")
        if np.isnan(means).all():
            continue
        rows.append((TITLES[name], *(f"{mean:.2f}" for mean in means)))
    folds = tuple(f"fold {fold}" for fold in record.folds)
    return _section("PS by test fold", "Means over the videos of each.", ("row", *folds), rows)


def _runs(record: Record) -> str:
    rows = []
    for model in MODELS:
        runs = record.runs[model]
        minutes = [float(run["minutes"]) for run in runs]
        score = np.mean([float(run["validation_score"]) for run in runs])
        rows.append((TITLES[model], f"{np.mean(minutes):.1f}", f"{score:.3f}", record.how(model)))
    return _section(
        "Training",
        "On one core of a machine shared with other work, by the clock. Validation PS is that by "
        "which a network was kept (or, for the shot scorer, its settings chosen), the highest of "
        "several looks: it flatters.",
        ("model", "minutes a run", "validation PS", "each fold"),
        rows,
    )


def _section(title: str, text: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join([f"## {title}", "", text, "", table(head, rows), ""])
