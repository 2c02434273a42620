"""One figure for a video that has several ground truths and was sampled many times."""

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class BestOfReferences:
    """The paper's "best evaluation result among multiple GIF thumbnails", in both readings.

    Attributes:
        mean_of_best: mean over samples of the least error over the ground truths: every sample
            is held against the ground truth that it meets best.
        best_of_means: least over the ground truths of the mean error over samples: all samples
            are held against one ground truth. Never less than mean_of_best.
    """

    mean_of_best: float
    best_of_means: float


def best_of_references(errors: Tensor) -> BestOfReferences:
    """Sum up (S, M) errors of S >= 1 samples against M >= 1 ground truths."""
    return BestOfReferences(
        mean_of_best=errors.min(dim=1).values.mean().item(),
        best_of_means=errors.mean(dim=0).min().item(),
    )
