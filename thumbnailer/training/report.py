"""Writes Table 2, part 2, as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.training.figures_of_video import SAMPLES, Figures
from thumbnailer.training.intervals import RESAMPLES, Interval, compare, mean_interval
from thumbnailer.training.rows import TITLES
from thumbnailer.training.runs import MODELS

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
videos ({resamples:,} resamples; training anew is not in them). Made by
`python -m thumbnailer.training.table`.
"""


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that the document says.

    Attributes:
        folds: that were tested.
        runs: what each training run said, by model and fold.
        figures: of each row, by video.
    """

    folds: Sequence[int]
    runs: dict[str, dict[str, float | str]]
    figures: dict[str, dict[str, Figures]]


def write_report(path: Path, record: Record) -> None:
    """Write the document."""
    parts = [
        HEAD.format(
            resamples=RESAMPLES,
            videos=len(record.figures["random"]),
            folds=f"folds {', '.join(map(str, record.folds))}",
        ),
        _posterior_scores(record),
        _matching_errors(record),
        *[_comparisons(record, row) for row in COMPARED],
        _folds(record),
        _runs(record),
    ]
    path.write_text("\n".join(parts), encoding="utf-8")


def _posterior_scores(record: Record) -> str:
    rows = [
        (
            TITLES[name],
            _cell(_values(record, name, "ps")),
            _cell(_values(record, name, "ps_of_draws")),
        )
        for name in TITLES
        if not np.isnan(_values(record, name, "ps")).all()
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
    names = ("pme", "pme_best_mean", "pme_squared", "pme_squared_best_mean")
    rows = [
        (TITLES[name], *(_cell(_values(record, name, figure)) for figure in names))
        for name in TITLES
        if not np.isnan(_values(record, name, "pme")).all()
    ]
    return _section(
        "Perceptual matching error (Eq. 8): lower is better",
        f"Exact, over {SAMPLES:,} draws for random and GEVADEN, against the GIFs of all raters. "
        "The best of several, as the paper has it, can be read in two ways: each draw against the "
        "GIF that it meets best, or all draws against one GIF. The paper's figures fit the squared "
        "ratio better. The space is GEVADEN's projection, the same for all rows; rows that choose "
        "shots count as generating those shots' features, which puts them at 0.5 or above unless "
        "they hit. To generate the video's mean takes no knowledge and does well.",
        ("row", "each draw's best GIF", "one GIF for all", "squared, each", "squared, one"),
        rows,
    )


def _comparisons(record: Record, left: str) -> str:
    rows = []
    for name in TITLES:
        if name == left or np.isnan(_values(record, name, "ps")).any():
            continue
        found = compare(_values(record, left, "ps"), _values(record, name, "ps"))
        pme = (
            ""
            if name == "people"
            else _cell(_values(record, left, "pme") - _values(record, name, "pme"), signed=True)
        )
        rows.append(
            (TITLES[name], _interval(found.difference, signed=True), _p_value(found.p_value), pme)
        )
    return _section(
        f"{TITLES[left]} against each",
        "Differences within videos; p of Wilcoxon's signed-rank test on PS. Not corrected for the "
        "number of rows.",
        ("minus", "PS", "p", "PME (each draw's best GIF)"),
        rows,
    )


def _folds(record: Record) -> str:
    rows = []
    for name in TITLES:
        values = _values(record, name, "ps")
        if np.isnan(values).all():
            continue
        means = values.reshape(len(record.folds), -1).mean(axis=1)
        rows.append((TITLES[name], *(f"{mean:.2f}" for mean in means)))
    folds = tuple(f"fold {fold}" for fold in record.folds)
    return _section("PS by test fold", "Means over the videos of each.", ("row", *folds), rows)


def _runs(record: Record) -> str:
    rows = []
    for model in MODELS:
        runs = [run for key, run in record.runs.items() if key.rpartition("-")[0] == model]
        minutes = [float(run["minutes"]) for run in runs]
        score = np.mean([float(run["validation_score"]) for run in runs])
        how = "; ".join(str(run["how"]) for run in runs)
        rows.append((TITLES[model], f"{np.mean(minutes):.1f}", f"{score:.3f}", how))
    return _section(
        "Training",
        "On one core of a machine shared with other work, by the clock. Validation PS is that by "
        "which a network was kept (or, for the shot scorer, its settings chosen), the highest of "
        "several looks: it flatters.",
        ("model", "minutes a fold", "validation PS", "each fold"),
        rows,
    )


def _values(record: Record, name: str, figure: str) -> NDArray[np.float64]:
    """Return a row's figures, videos in one order for all rows."""
    found = record.figures[name]
    return np.asarray([getattr(found[video], figure) for video in record.figures["random"]])


def _cell(values: NDArray[np.float64], *, signed: bool = False) -> str:
    return "" if np.isnan(values).any() else _interval(mean_interval(values), signed=signed)


def _p_value(value: float) -> str:
    return "no video differs" if np.isnan(value) else f"{value:.2g}"


def _interval(interval: Interval, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    return f"{interval.mean:{sign}.3f} ({interval.low:{sign}.2f} to {interval.high:{sign}.2f})"


def _section(title: str, text: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"## {title}", "", text, "", _line(head), _line(["---"] * len(head))]
    return "\n".join([*lines, *(_line(row) for row in rows), ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
