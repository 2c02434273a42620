"""PS and PME that a row of Table 2 reaches on one video.

Shapes: n shots, S samples, M ground truths of 3 shots, d projected features.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thumbnailer.metrics.matching_error.best_of_references import best_of_references
from thumbnailer.metrics.matching_error.measure import matching_error, shot_errors
from thumbnailer.metrics.posterior_score import posterior_score
from thumbnailer.training.data import LabelledVideo, opinion_gifs
from thumbnailer.training.tvsum import SPACING_S

SAMPLES = 1_000  # of the paper's 10,000: that leaves 0.002 of PS to chance, over 50 videos
NAN = float("nan")


@dataclass(frozen=True, slots=True)
class Figures:
    """One row's figures for one video; nan where the row has none.

    Attributes:
        ps: posterior score (Eq. 9) of the GIF that would be published.
        ps_of_draws: its mean over all draws, where the row draws.
        pme: mean over samples of the least error over the ground truths (Eq. 8).
        pme_best_mean: least over the ground truths of the mean error over samples.
        pme_squared: as pme, of squared errors.
        pme_squared_best_mean: as pme_best_mean, of squared errors.
        pme_outside: as pme, in the columns beside that of interest.
    """

    ps: float
    ps_of_draws: float = NAN
    pme: float = NAN
    pme_best_mean: float = NAN
    pme_squared: float = NAN
    pme_squared_best_mean: float = NAN
    pme_outside: float = NAN


def truths(video: LabelledVideo) -> NDArray[np.int64]:
    """Return (M, 3): each rater's three best seconds, of those that may be chosen."""
    eligible = video.eligible
    return eligible[opinion_gifs(video.opinions[:, eligible], SPACING_S)]


def of_generated(
    video: LabelledVideo, ps: float, generated: Tensor, shots: Tensor, ps_of_draws: float = NAN
) -> Figures:
    """Return the figures of a model that generates features.

    Args:
        video: with its ground truths.
        ps: of the GIF that it would publish.
        generated: (S, 3, d).
        shots: (n, d), projected by the same projection.
        ps_of_draws: mean PS of its samples, where it draws.
    """
    wanted = torch.from_numpy(truths(video))
    error = matching_error(generated, shots, wanted)
    outside = matching_error(generated[:, :, 1:], shots[:, 1:], wanted)
    return Figures(
        ps=ps,
        ps_of_draws=ps_of_draws,
        pme=error.pme.mean_of_best,
        pme_best_mean=error.pme.best_of_means,
        pme_squared=error.pme_squared.mean_of_best,
        pme_squared_best_mean=error.pme_squared.best_of_means,
        pme_outside=outside.pme.mean_of_best,
    )


def of_random(video: LabelledVideo, shots: Tensor, seed: int) -> Figures:
    """Return the figures of three distinct shots drawn at random, 1,000 times.

    The published PS is the exact expectation. Only n features are ever generated, so their errors
    are found once.
    """
    rng = np.random.default_rng(seed)
    eligible = video.eligible
    keys = rng.random((SAMPLES, len(eligible)))
    triples = np.argpartition(keys, 3, axis=1)[:, :3]  # uniform over distinct triples
    triples = rng.permuted(triples, axis=1)  # and over their orders
    each = shots[torch.from_numpy(eligible)][:, None].expand(-1, 3, -1)  # (m, 3, d)
    table = shot_errors(each, shots, torch.from_numpy(truths(video)))  # (m, M, 3)
    errors = torch.stack([table[triples[:, i], :, i] for i in range(3)], dim=2)  # (S, M, 3)
    plain, squared = best_of_references(errors.mean(2)), best_of_references((errors**2).mean(2))
    drawn = video.counts[eligible[triples]].sum(axis=1) / video.counts.max()
    return Figures(
        ps=float(3 * video.counts[eligible].mean() / video.counts.max()),
        ps_of_draws=float(drawn.mean()),
        pme=plain.mean_of_best,
        pme_best_mean=plain.best_of_means,
        pme_squared=squared.mean_of_best,
        pme_squared_best_mean=squared.best_of_means,
    )


def of_shots(video: LabelledVideo, chosen: NDArray[np.int64], shots: Tensor) -> Figures:
    """Return the figures of three chosen shots, whose own features count as generated."""
    score = posterior_score(chosen, video.counts)
    return of_generated(video, score, shots[torch.from_numpy(chosen)][None], shots)


def of_people(video: LabelledVideo) -> Figures:
    """Return the mean PS of each rater's GIF against the mean of the others.

    Ties go to the earlier second: to break them by the others would lend their opinion to him.
    """
    scores = []
    for person, own in enumerate(video.opinions):
        others = np.delete(video.opinions, person, axis=0).mean(axis=0)
        alone = opinion_gifs(own[None, video.eligible], SPACING_S)[0]
        scores.append(posterior_score(video.eligible[alone], others - others.min()))
    return Figures(ps=float(np.mean(scores)))
