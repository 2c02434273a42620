"""Posterior scores of selectors and of what stands beside them in every table."""

from collections.abc import Callable

import numpy as np

from thumbnailer.metrics.posterior_score import posterior_score
from thumbnailer.selection.parts.base import Selector
from thumbnailer.selection.uniform import Uniform
from thumbnailer.training.data import LabelledVideo, Split
from thumbnailer.training.ridge import interest_score, ridge_interest, top_shots

SEED = 0


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
    interest = ridge_interest(split.train + split.validation)
    return {
        "random": random_score,
        "uniform": lambda video: published_score(Uniform(), video),
        "ridge": lambda video: interest_score(video, interest),
        "oracle": oracle_score,
    }


def _scores(selector: Selector, video: LabelledVideo) -> list[float]:
    candidates = selector.rank(video.shot_table(), seed=SEED)
    return [
        posterior_score(np.asarray(candidate.starts_s, dtype=np.int64), video.counts)
        for candidate in candidates
    ]
