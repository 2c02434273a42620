"""The figures in docs/models.md, in each model's page and in the cards of the shipped weights."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from thumbnailer.training.intervals import Interval
from thumbnailer.training.record import Record, interval_cell, mean_cell, p_cell, table
from thumbnailer.training.rows import TITLES
from thumbnailer.training.runs import MODELS

OURS = "shot_scorer"
BARS = ("ridge", "gevaden", "re_seq2seq", "ranknet", "people")  # what our model is held against
PAPERS_ORDER = ("gevaden", "gevaden_no_perceptual_loss", "re_seq2seq", "ranknet")
CARD_ROWS = ("random", "uniform", "ridge", *MODELS, "peaks")


def page_figures(record: Record) -> dict[str, Callable[[], str]]:
    """Return what writes each place, by the place's name."""
    figures: dict[str, Callable[[], str]] = {
        "summary": partial(_summary, record),
        "findings": partial(_findings, record),
    }
    for model in MODELS:
        figures[f"page-{model}"] = partial(_page, record, model)
        figures[f"card-{model}"] = partial(_card, record, model)
    return figures


def _summary(record: Record) -> str:
    rows = [
        (TITLES[name], *(mean_cell(record.values(name, figure)) for figure in ("ps", "pme")))
        for name in sorted(TITLES, key=lambda name: float(record.values(name, "ps").mean()))
        if record.has(name, "ps")
    ]
    return table(("row", "PS of the published GIF", "PME, each draw's best GIF"), rows)


def _findings(record: Record) -> str:
    """Return one sentence a comparison, in the paper's order and of our own model."""
    pairs = [(OURS, bar) for bar in BARS] + list(pairwise(PAPERS_ORDER))
    return "\n".join(
        [_finding(record, left, right, "ps") for left, right in pairs]
        + [_finding(record, left, right, "pme") for left, right in pairwise(PAPERS_ORDER)]
    )


def _finding(record: Record, left: str, right: str, figure: str) -> str:
    difference = record.compared(left, right, figure).difference
    name = figure.upper()
    return (
        f"- {name}: {TITLES[left]} minus {TITLES[right]} is "
        f"{interval_cell(difference, signed=True)}: {_verdict(difference)}."
    )


def _verdict(difference: Interval) -> str:
    if difference.low > 0:
        return "higher, outside chance"
    if difference.high < 0:
        return "lower, outside chance"
    return "not outside chance"


def _page(record: Record, model: str) -> str:
    """Return a model's scores, comparisons, folds and runs."""
    scores = [
        (title, mean_cell(record.values(model, figure)))
        for title, figure in (
            ("PS of the published GIF", "ps"),
            ("PS of draws", "ps_of_draws"),
            ("PME, each draw's best GIF", "pme"),
            ("PME, one GIF for all", "pme_best_mean"),
        )
        if record.has(model, figure)
    ]
    against = []
    for name in TITLES:
        if name != model and record.has(name, "ps"):
            found = record.compared(model, name)
            difference = interval_cell(found.difference, signed=True)
            against.append((TITLES[name], difference, p_cell(found.p_value)))
    folds = [f"{mean:.2f}" for mean in record.by_fold(model, "ps")]
    return "\n\n".join(
        [
            table(("figure", "mean over test videos (95 % interval)"), scores),
            table(("minus", "PS within videos", "Wilcoxon's p"), against),
            table(("", *(f"fold {fold}" for fold in record.folds)), [("PS", *folds)]),
            _training(record.of_model(model)),
        ]
    )


def _training(runs: list[dict[str, float | str]]) -> str:
    how = "; ".join(str(run["how"]) for run in runs)
    minutes = sum(float(run["minutes"]) for run in runs) / len(runs)
    return f"Training, fold by fold: {how}. {minutes:.1f} minutes a fold on one shared core."


def _card(record: Record, model: str) -> str:
    """Return the scores on the first fold, whose training made the shipped weights."""
    run = record.of_model(model)[0]
    rows = []
    for name in CARD_ROWS:
        bold = "**" if name == model else ""
        scores = (record.by_fold(name, figure)[0] for figure in ("ps", "pme"))
        rows.append((f"{bold}{TITLES[name]}{bold}", *(f"{bold}{s:.3f}{bold}" for s in scores)))
    held_out = len(record.figures["random"]) // len(record.folds)
    return (
        f"On the {held_out} videos of fold {record.folds[0]}, which it has not seen; trained for "
        f"{float(run['minutes']):.1f} minutes ({run['how']}).\n\n"
        + table(("", "PS (Eq. 9)", "PME (Eq. 8)"), rows)
    )
