"""Measured figures, and how a document shows them: means with intervals, and tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thumbnailer.training.intervals import Interval, PairedDifference, compare, mean_interval
from thumbnailer.training.video_metrics import Figures


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that the documents say.

    Attributes:
        folds: that were tested.
        runs: what each training run said, by model and fold.
        figures: of each row, by video; videos in the order of their folds.
    """

    folds: Sequence[int]
    runs: dict[str, dict[str, float | str]]
    figures: dict[str, dict[str, Figures]]

    def values(self, row: str, figure: str) -> NDArray[np.float64]:
        """Return a row's figures, (V,), videos in one order for all rows."""
        found = self.figures[row]
        return np.asarray([getattr(found[video], figure) for video in self.figures["random"]])

    def by_fold(self, row: str, figure: str) -> NDArray[np.float64]:
        """Return a row's mean figures over the videos of each fold."""
        return np.asarray(self.values(row, figure).reshape(len(self.folds), -1).mean(axis=1))

    def has(self, row: str, figure: str) -> bool:
        """Say whether the row has this figure for every video."""
        return not np.isnan(self.values(row, figure)).any()

    def compared(self, left: str, right: str, figure: str = "ps") -> PairedDifference:
        """Compare two rows within videos: left minus right."""
        return compare(self.values(left, figure), self.values(right, figure))

    def of_model(self, model: str) -> list[dict[str, float | str]]:
        """Return what the model's runs said, fold by fold."""
        return [run for key, run in self.runs.items() if key.rpartition("-")[0] == model]


def mean_cell(values: NDArray[np.float64], *, signed: bool = False) -> str:
    """Write a mean with its interval; nothing where a video has no figure."""
    return "" if np.isnan(values).any() else interval_cell(mean_interval(values), signed=signed)


def interval_cell(interval: Interval, *, signed: bool = False) -> str:
    """Write a mean with its interval."""
    sign = "+" if signed else ""
    return f"{interval.mean:{sign}.3f} ({interval.low:{sign}.2f} to {interval.high:{sign}.2f})"


def p_cell(value: float) -> str:
    """Write a p-value."""
    return "no video differs" if np.isnan(value) else f"{value:.2g}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table."""
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, ["---"] * len(head), *rows))
