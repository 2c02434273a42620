"""A video as training sees it, whatever data set it comes from."""

from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from thumbnailer.selection.parts.base import ShotTable
from thumbnailer.selection.parts.spacing import non_maximum_suppression
from thumbnailer.selection.parts.within_video import within_video
from thumbnailer.video.measures import FrameMeasures
from thumbnailer.video.shots import SHOTS_IN_A_GIF, TRIMMED_S

FOLDS = 5
ONE_MODE = 0.5  # GIFs this much of two shots' usual distance apart show next to the same


@dataclass(frozen=True, slots=True)
class LabelledVideo:
    """A video's features with what people thought of its seconds.

    Attributes:
        name: its key in the data set.
        fold: which of the data set's fixed folds it belongs to.
        features: (n, D) float32, one row a second.
        counts: (n,) float64 comments a second, or what stands in for them; >= 0.
        opinions: (R, n) float64 each person's rating of each second, or 1 where a GIF shows it.
        gifs: (G, 3) int64 GIFs that people accepted, in play order; none where seconds were rated.
    """

    name: str
    fold: int
    features: NDArray[np.float32]
    counts: NDArray[np.float64]
    opinions: NDArray[np.float64]
    gifs: NDArray[np.int64] = field(default_factory=lambda: np.zeros((0, SHOTS_IN_A_GIF), np.int64))

    @property
    def eligible(self) -> NDArray[np.int64]:
        """Shots that may be chosen: all but the first and last 2 s; no pictures are at hand."""
        return np.arange(TRIMMED_S, len(self.features) - TRIMMED_S)

    def shot_table(self) -> ShotTable:
        """Return the video as selectors see it, without measures of frames."""
        return ShotTable(self.features, self.eligible, FrameMeasures.none())


@dataclass(frozen=True, slots=True)
class Split:
    """Videos to learn from, to stop by, and to report on; no video is in two of them."""

    train: tuple[LabelledVideo, ...]
    validation: tuple[LabelledVideo, ...]
    test: tuple[LabelledVideo, ...]


def split_by_fold(videos: tuple[LabelledVideo, ...], test_fold: int) -> Split:
    """Take one of the five folds for testing, the next for validation, the others to learn from."""
    validation_fold = (test_fold + 1) % FOLDS
    return Split(
        train=tuple(v for v in videos if v.fold not in {test_fold, validation_fold}),
        validation=tuple(v for v in videos if v.fold == validation_fold),
        test=tuple(v for v in videos if v.fold == test_fold),
    )


def opinion_gifs(opinions: NDArray[np.float64], spacing_s: int) -> NDArray[np.int64]:
    """Return each person's three best seconds at least ``spacing_s`` apart, in time order.

    Ties are broken by the mean of the other people's ratings, then by time.

    Args:
        opinions: (R, n) ratings of n > 4 * spacing_s seconds, so that three always fit.
        spacing_s: the least distance of two starts.

    Returns:
        (R, 3) int64.
    """
    total = opinions.sum(axis=0)
    others = (total - opinions) / max(1, len(opinions) - 1)
    return np.stack(
        [
            np.sort(non_maximum_suppression(np.lexsort((-rest, -own)), spacing_s, SHOTS_IN_A_GIF))
            for own, rest in zip(opinions, others, strict=True)
        ]
    )


def has_one_mode(video: LabelledVideo) -> bool:
    """Tell whether all GIFs that people accepted show next to the same, or are one.

    Then a model of several answers has nothing to learn from the video.
    """
    shots = within_video(torch.from_numpy(video.features))
    gifs = shots[torch.from_numpy(video.gifs)].flatten(1)  # (G, 3 D)
    usual = (2 * len(video.gifs[0]) * shots.var(dim=0).sum()).sqrt()  # of random ones
    return bool(torch.cdist(gifs, gifs).max() < ONE_MODE * usual)
