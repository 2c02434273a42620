"""Errors of generated GIFs against a video's ground truths.

Shapes: S samples, n shots, d feature dimensions, M ground truth GIFs of P = 3 shots each.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from thumbnailer.errors import ThumbnailerError
from thumbnailer.metrics.matching_error.best_of_references import (
    BestOfReferences,
    best_of_references,
)
from thumbnailer.metrics.matching_error.products import products_with
from thumbnailer.metrics.matching_error.shots import centre
from thumbnailer.metrics.matching_error.validation import check_inputs
from thumbnailer.metrics.matching_error.voronoi_cell import voronoi_cell

SAMPLES_AT_ONCE = 512  # in float64: 8 MB of features, 6 MB of products with 1,600 shots


class ProjectionError(ThumbnailerError):
    """The projection of Eq. 8 was not found: rounding drove its active set in circles."""

    code = "projection_failed"


@dataclass(frozen=True, slots=True)
class MatchingError:
    """PME of one video, all four figures between 0 and 1.

    Attributes:
        pme: of the errors as Eq. 8 states them, which are at least ½ for a wrong shot's feature.
        pme_squared: of their squares, which the paper's Table 2 fits better.
    """

    pme: BestOfReferences
    pme_squared: BestOfReferences


def matching_error(generated: Tensor, features: Tensor, gifs: Tensor) -> MatchingError:
    """Return the PME of a video: mean over the positions of a GIF, best of several GIFs.

    Args and errors are those of `shot_errors`.
    """
    errors = shot_errors(generated, features, gifs)  # (S, M, P)
    return MatchingError(
        pme=best_of_references(errors.mean(dim=2)),
        pme_squared=best_of_references((errors**2).mean(dim=2)),
    )


@torch.no_grad()
def shot_errors(generated: Tensor, features: Tensor, gifs: Tensor) -> Tensor:
    """Return (S, M, P) float64 PME(g_i, X, y_i) of every sample, ground truth and position (Eq. 8).

    Exact: the projection is found by an active set, in float64, on the device of the features.
    The digits lost are those of inner products of the centred features: figures are good to 1e-8
    while generated features and other shots are further from the target than about 1e-4 of the
    largest distance to the video's mean.

    Args:
        generated: (S, P, d) features g.
        features: (n, d) the video's shots X.
        gifs: (M, P) int, the ground truths Y as rows of features.

    Raises:
        BadFeaturesError: where shapes do not fit or a number is not finite.
        BadTrainingDataError: where a ground truth is no shot of the video.
        ProjectionError: where rounding hid the answer.
    """
    check_inputs(generated, features, gifs)
    shots = centre(features)
    errors = generated.new_empty(len(generated), *gifs.shape, dtype=torch.float64)
    for position in range(generated.shape[1]):
        samples = torch.split(generated[:, position], SAMPLES_AT_ONCE)
        blocks = [products_with(shots, block) for block in samples]
        for target in torch.unique(gifs[:, position]).tolist():
            cell = voronoi_cell(shots, target)
            column = torch.cat([cell.errors(block) for block in blocks])
            errors[:, gifs[:, position] == target, position] = column[:, None]
    if errors.isnan().any():
        sample, gif, position = errors.isnan().nonzero()[0].tolist()
        raise ProjectionError(
            f"generated[{sample}, {position}] against gifs[{gif}] has no projection in float64: "
            "look for shots that are almost, but not quite, alike"
        )
    return errors
