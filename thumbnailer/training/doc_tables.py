"""The figures in docs/models.md, in each model's page and in the cards of the shipped weights."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import numpy as np

from thumbnailer.training.intervals import Interval, PairedDifference, holm
from thumbnailer.training.record import Record, interval_cell, mean_cell, p_cell, table
from thumbnailer.training.rows import SWAPPED, TITLES
from thumbnailer.training.runs import MODELS

OURS = "shot_scorer"
BARS = ("ridge", "gevaden", "re_seq2seq", "ranknet", "people")  # what our model is held against
PAPERS_ORDER = ("gevaden", "gevaden_no_perceptual_loss", "re_seq2seq", "ranknet")
CARD_ROWS = (
    *("random", "zero", "uniform", "interest", "other_column", "ridge"),
    *(*MODELS, *SWAPPED, "peaks"),
)
SUMMED = ("ps", "ps_of_draws", "pme")
FIGURES = {"ps": "PS", "pme": "PME", "ps_of_draws": "PS of draws"}
ALPHA = 0.05
Compared = tuple[str, str, str]  # figure, left row, right row


def page_figures(record: Record) -> dict[str, Callable[[], str]]:
    """Return what writes each place, by the place's name."""
    figures: dict[str, Callable[[], str]] = {
        "summary": partial(_summary, record),
        "findings": partial(_findings, record),
        "swaps": partial(_swaps, record),
    }
    for model in MODELS:
        figures[f"page-{model}"] = partial(_page, record, model)
        figures[f"card-{model}"] = partial(_card, record, model)
    return figures


def _summary(record: Record) -> str:
    """Return every row, the lowest published PS first; those that publish nothing at the end."""
    published = {name: float(record.values(name, "ps").mean()) for name in TITLES}
    rows = [
        (TITLES[name], *(mean_cell(record.values(name, figure)) for figure in SUMMED))
        for name in sorted(TITLES, key=lambda name: np.nan_to_num(published[name], nan=np.inf))
    ]
    head = ("row", "PS of the published GIF", "PS of draws", "PME, each draw's best GIF")
    return table(head, rows)


def _findings(record: Record) -> str:
    """Return one sentence a comparison: the paper's order, our own model, and the controls."""
    return "\n".join(
        f"- {FIGURES[figure]}: {TITLES[left]} minus {TITLES[right]} is "
        f"{interval_cell(found.difference, signed=True)}, p {p_cell(p_value)}: "
        f"{_verdict(found.difference, p_value)}."
        for (figure, left, right), found, p_value in _compared(record)
    )


def _swaps(record: Record) -> str:
    """Return by how much draws lose by another video's condition, by each seed and by all."""
    swaps = [each for each in _compared(record) if each[0][0] == "ps_of_draws"]
    rows = [_swap_row(record, *each) for each in swaps]
    seeds = [f"seed {seed}" for seed in range(len(rows[0]) - 3)]
    return table(("PS of draws, own minus swapped", *seeds, "all seeds", "p"), rows)


def _swap_row(
    record: Record, rows: Compared, found: PairedDifference, p_value: float
) -> tuple[str, ...]:
    figure, own, swapped = rows
    lost = record.values(own, figure) - record.values(swapped, figure)
    of_seeds = [mean_cell(of_seed, signed=True) for of_seed in lost]
    every = interval_cell(found.difference, signed=True)
    return (TITLES[own], *of_seeds, every, p_cell(p_value))


def _compared(record: Record) -> list[tuple[Compared, PairedDifference, float]]:
    """Return every comparison of the findings, with p corrected for their number (Holm)."""
    papers = list(pairwise(PAPERS_ORDER))
    swaps = [(name, row) for row, name in SWAPPED.items()]
    pairs = [
        *(("ps", left, right) for left, right in [*((OURS, bar) for bar in BARS), *papers]),
        *(("pme", left, right) for left, right in papers),
        *(("ps_of_draws", left, right) for left, right in swaps),
    ]
    found = [record.compared(left, right, figure) for figure, left, right in pairs]
    return list(zip(pairs, found, holm([each.p_value for each in found]), strict=True))


def _verdict(difference: Interval, p_value: float) -> str:
    """Return in words what an interval and a p-value that is corrected for its company say."""
    if not p_value < ALPHA or difference.low <= 0 <= difference.high:
        return "not outside chance"
    return "higher, outside chance" if difference.low > 0 else "lower, outside chance"


def _page(record: Record, model: str) -> str:
    """Return a model's scores, comparisons, folds and runs."""
    scores = [
        (title, mean_cell(record.values(row, figure)))
        for title, row, figure in (
            ("PS of the published GIF", model, "ps"),
            ("PS of draws", model, "ps_of_draws"),
            ("PS of draws by another video's condition", f"{model}_swapped", "ps_of_draws"),
            ("PME, each draw's best GIF", model, "pme"),
            ("PME, one GIF for all", model, "pme_best_mean"),
        )
        if row in TITLES and record.has(row, figure)
    ]
    against = [
        (TITLES[name], interval_cell(found.difference, signed=True), p_cell(p_value))
        for name, found, p_value in record.against_all(model)
    ]
    folds = [f"{mean:.2f}" for mean in record.by_fold(model, "ps")]
    return "\n\n".join(
        [
            table(("figure", "mean over test videos (95 % interval)"), scores),
            table(("minus", "PS within videos", "p (bootstrap, Holm)"), against),
            table(("", *(f"fold {fold}" for fold in record.folds)), [("PS", *folds)]),
            _training(record, model),
        ]
    )


def _training(record: Record, model: str) -> str:
    runs = record.runs[model]
    minutes = sum(float(run["minutes"]) for run in runs) / len(runs)
    seeds = ", seed by seed" if len(runs) > len(record.folds) else ""
    return (
        f"Training, fold by fold{seeds}: {record.how(model)}. "
        f"{minutes:.1f} minutes a run on one shared core."
    )


def _card(record: Record, model: str) -> str:
    """Return the scores on the first fold from the first seed, which made the shipped weights."""
    run = record.runs[model][0]
    held_out = len(record.figures["random"]) // len(record.folds)
    rows = []
    for name in CARD_ROWS:
        bold = "**" if name == model else ""
        scores = (record.values(name, figure)[0, :held_out].mean() for figure in SUMMED)
        cells = ("" if np.isnan(s) else f"{bold}{s:.3f}{bold}" for s in scores)
        rows.append((f"{bold}{TITLES[name]}{bold}", *cells))
    return (
        f"On the {held_out} videos of fold {record.folds[0]}, which it has not seen; trained for "
        f"{float(run['minutes']):.1f} minutes ({run['how']}).\n\n"
        + table(("", "PS (Eq. 9)", "PS of draws", "PME (Eq. 8)"), rows)
    )
