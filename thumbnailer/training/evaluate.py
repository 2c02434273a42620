"""Posterior scores of selectors and of what stands beside them in every table."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from thumbnailer.metrics.posterior_score import posterior_score
from thumbnailer.selection.parts.base import Selector
from thumbnailer.selection.parts.spacing import non_maximum_suppression
from thumbnailer.selection.uniform import Uniform
from thumbnailer.training.data import LabelledVideo, Split
from thumbnailer.training.projection import fit_ridge, shots_within
from thumbnailer.training.tvsum import SPACING_S
from thumbnailer.video.shots import SHOTS_IN_A_GIF

SEED = 0
PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0)  # of the ridge regression

Interest = Callable[[LabelledVideo], NDArray[np.float64]]  # of each shot: (n,)


def published_score(selector: Selector, video: LabelledVideo) -> float:
    """Return PS of the candidate that would be published."""
    return _scores(selector, video)[0]


def candidates_score(selector: Selector, video: LabelledVideo) -> float:
    """Return the mean PS of all its candidates: less noisy than the one published."""
    return float(np.mean(_scores(selector, video)))


def random_score(video: LabelledVideo) -> float:
    """Return the expected PS of three shots drawn at random."""
    return float(3 * video.counts[video.eligible].mean() / video.counts.max())


def oracle_score(video: LabelledVideo) -> float:
    """Return PS of the three seconds with the most comments, 5 s apart."""
    return posterior_score(top_shots(video, video.counts), video.counts)


def reference_scores(split: Split) -> dict[str, Callable[[LabelledVideo], float]]:
    """Return the rows without a network: random, uniform, ridge regression, oracle."""
    interest = ridge_interest(split)
    return {
        "random": random_score,
        "uniform": lambda video: published_score(Uniform(), video),
        "ridge": lambda video: interest_score(video, interest),
        "oracle": oracle_score,
    }


def ridge_interest(split: Split) -> Interest:
    """Return how a ridge regression of comments by features within the video scores shots.

    Its penalty is the one of the highest PS on validation; then it learns from those videos, too.
    """

    def fitted(videos: Sequence[LabelledVideo], penalty: float) -> Interest:
        weights = fit_ridge(videos, penalty)
        return lambda video: shots_within(video) @ weights

    def score(penalty: float) -> float:
        interest = fitted(split.train, penalty)
        return float(np.mean([interest_score(video, interest) for video in split.validation]))

    return fitted(split.train + split.validation, max(PENALTIES, key=score))


def interest_score(video: LabelledVideo, interest: Interest) -> float:
    """Return PS of the three shots of highest interest, 5 s apart."""
    return posterior_score(top_shots(video, interest(video)), video.counts)


def _scores(selector: Selector, video: LabelledVideo) -> list[float]:
    candidates = selector.rank(video.shot_table(), seed=SEED)
    return [
        posterior_score(np.asarray(candidate.starts_s, dtype=np.int64), video.counts)
        for candidate in candidates
    ]


def top_shots(video: LabelledVideo, interest: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the three shots of highest (n,) interest, 5 s apart, the best first."""
    order = video.eligible[np.argsort(-interest[video.eligible], kind="stable")]
    return non_maximum_suppression(order, SPACING_S, SHOTS_IN_A_GIF)
