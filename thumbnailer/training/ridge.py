"""Ridge regression of comments by what sets shots apart within their video: the tables' baseline.

Shapes: n shots of a video, D features. Each video counts alike, however long.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from thumbnailer.metrics.posterior_score import posterior_score
from thumbnailer.selection.parts.spacing import non_maximum_suppression
from thumbnailer.selection.parts.within_video import within_video
from thumbnailer.training.data import LabelledVideo
from thumbnailer.training.projection import shots_within
from thumbnailer.training.tvsum import SPACING_S
from thumbnailer.video.shots import SHOTS_IN_A_GIF

PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)

Interest = Callable[[LabelledVideo], NDArray[np.float64]]  # of each shot: (n,)


@dataclass(frozen=True, slots=True)
class Moments:
    """All that a fit needs of some videos.

    Attributes:
        features: (D, D) sums of products of features.
        comments: (D,) sums of products of features and comments above the video's mean.
    """

    features: NDArray[np.float64]
    comments: NDArray[np.float64]

    def __add__(self, other: "Moments") -> "Moments":
        return Moments(self.features + other.features, self.comments + other.comments)


def moments(videos: Sequence[LabelledVideo]) -> Moments:
    """Return the moments of V >= 1 videos."""
    width = videos[0].features.shape[1]
    found = Moments(np.zeros((width, width)), np.zeros(width))
    for video in videos:
        rows, above = shots_within(video), video.counts - video.counts.mean()
        found += Moments(rows.T @ rows / len(rows), rows.T @ above / len(rows))
    return found


def fit(of: Moments, penalty: float) -> NDArray[np.float64]:
    """Return the weights, (D,)."""
    gram = of.features + penalty * np.eye(len(of.comments))
    return np.asarray(np.linalg.solve(gram, of.comments))


def ridge_interest(videos: Sequence[LabelledVideo]) -> Interest:
    """Return how a regression of these videos scores the shots of others.

    Its penalty is the one of the highest PS of each fold by a fit of the others; of a single fold,
    by a fit of itself.
    """
    folds = sorted({video.fold for video in videos})
    of_fold = {fold: moments([video for video in videos if video.fold == fold]) for fold in folds}
    whole = _total(list(of_fold.values()))

    def score(penalty: float) -> float:
        scores = []
        for fold in folds:
            others = [of_fold[other] for other in folds if other != fold]
            interest = linear_interest(fit(_total(others) if others else whole, penalty))
            left_out = [video for video in videos if video.fold == fold]
            scores += [interest_score(video, interest) for video in left_out]
        return float(np.mean(scores))

    return linear_interest(fit(whole, max(PENALTIES, key=score)))


def linear_interest(weights: NDArray[np.float64]) -> Interest:
    """Return how (D,) weights score shots."""
    column = torch.from_numpy(weights).float()[:, None]

    def interest(video: LabelledVideo) -> NDArray[np.float64]:
        # Smoothing and centring commute with a linear map.
        scores = within_video(torch.from_numpy(video.features).float() @ column)[:, 0]
        return np.asarray(scores.double().numpy())

    return interest


def interest_score(video: LabelledVideo, interest: Interest) -> float:
    """Return PS of the three shots of highest interest, 5 s apart."""
    return posterior_score(top_shots(video, interest(video)), video.counts)


def top_shots(video: LabelledVideo, interest: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the three shots of highest (n,) interest, 5 s apart, the best first."""
    order = video.eligible[np.argsort(-interest[video.eligible], kind="stable")]
    return non_maximum_suppression(order, SPACING_S, SHOTS_IN_A_GIF)


def _total(parts: Sequence[Moments]) -> Moments:
    total = parts[0]
    for part in parts[1:]:
        total += part
    return total
