"""Measured figures, and how a document shows them: means with intervals, and tables."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thumbnailer.training.intervals import (
    Interval,
    PairedDifference,
    compare,
    holm,
    mean_interval,
)
from thumbnailer.training.video_metrics import Figures

Said = dict[str, float | str]  # by one training run


@dataclass(frozen=True, slots=True)
class Record:
    """Everything that the documents say.

    Attributes:
        folds: that were tested.
        runs: what each training run said, of each model: fold by fold, seed by seed.
        figures: of each row, by video, seed by seed; videos in the order of their folds.
    """

    folds: Sequence[int]
    runs: dict[str, list[Said]]
    figures: dict[str, dict[str, list[Figures]]]

    def values(self, row: str, figure: str) -> NDArray[np.float64]:
        """Return a row's figures, (S, V): S seeds, and videos in one order for all rows."""
        found = self.figures[row]
        of_videos = [
            [getattr(of_seed, figure) for of_seed in found[video]]
            for video in self.figures["random"]
        ]
        return np.asarray(of_videos).T

    def by_fold(self, row: str, figure: str) -> NDArray[np.float64]:
        """Return a row's mean figures over the seeds and the videos of each fold."""
        means = self.values(row, figure).mean(axis=0)
        return np.asarray(means.reshape(len(self.folds), -1).mean(axis=1))

    def how(self, model: str) -> str:
        """Say how each of a model's runs ended: by seeds, and by folds within each."""
        runs = self.runs[model]
        seeds = len(runs) // len(self.folds)
        of_seeds = ["; ".join(str(run["how"]) for run in runs[at::seeds]) for at in range(seeds)]
        return " / ".join(of_seeds)

    def has(self, row: str, figure: str) -> bool:
        """Say whether the row has this figure for every video."""
        return not np.isnan(self.values(row, figure)).any()

    def compared(self, left: str, right: str, figure: str = "ps") -> PairedDifference:
        """Compare two rows within videos: left minus right."""
        return compare(self.values(left, figure), self.values(right, figure))

    def against_all(self, row: str) -> list[tuple[str, PairedDifference, float]]:
        """Compare a row's published PS to every other row's.

        Returns:
            The other row, the difference, and its p-value corrected for their number (Holm).
        """
        others = [name for name in self.figures if name != row and self.has(name, "ps")]
        found = [self.compared(row, name) for name in others]
        corrected = holm([each.p_value for each in found])
        return list(zip(others, found, corrected, strict=True))


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
