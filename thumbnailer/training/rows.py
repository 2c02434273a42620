"""The rows of Table 2, part 2, for one test fold: each gives its figures for a video."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thumbnailer.errors import BadTrainingDataError
from thumbnailer.metrics.posterior_score import posterior_score
from thumbnailer.selection.parts.base import Selector
from thumbnailer.selection.parts.networks import Projection
from thumbnailer.selection.uniform import Uniform
from thumbnailer.training.controls import (
    Generating,
    best_column,
    column_interest,
    draws_score,
    generated_gifs,
)
from thumbnailer.training.data import LabelledVideo, Split
from thumbnailer.training.models import RECIPES
from thumbnailer.training.ridge import Interest, ridge_interest, top_shots
from thumbnailer.training.runs import load_network, load_selector_from
from thumbnailer.training.video_metrics import (
    NAN,
    SAMPLES,
    Figures,
    of_generated,
    of_people,
    of_random,
    of_shots,
)

SEED = 0
Row = Callable[[LabelledVideo], Figures]

GENERATING = tuple(name for name in RECIPES if name != "ranknet")
SWAPPED = {f"{name}_swapped": name for name in GENERATING}
# What they are called in the table, in its order.
TITLES = {
    "random": "random",
    "zero": "the zero vector (PME only)",
    "video_mean": "mean feature of the video (PME only)",
    "medoid": "medoid shot of the video (PME only)",
    "uniform": "uniform",
    "interest": "column of interest alone",
    "other_column": "best other input column alone",
    **{name: recipe.title for name, recipe in RECIPES.items()},
    **{
        row: f"{RECIPES[name].title}, by another video's condition" for row, name in SWAPPED.items()
    },
    "ridge": "ridge regression",
    "shot_scorer": "shot scorer (ours)",
    "people": "one rater against the others",
    "peaks": "comment peaks (oracle)",
}


def reference_rows(split: Split, project: Projection) -> dict[str, Row]:
    """Return the rows without a network; PME is that in this projection, fitted on this split."""
    return {
        "random": lambda video: of_random(video, project.of(video.features), SEED),
        "zero": lambda video: _generated_row(video, project, torch.zeros_like),
        "video_mean": lambda video: _generated_row(video, project, _mean),
        "medoid": lambda video: _generated_row(video, project, _medoid),
        "uniform": _by_selector(Uniform(), project),
        "interest": _by_interest(column_interest(project, 0), project),
        "other_column": _by_interest(best_column(project, split.validation), project),
        "ridge": _by_interest(ridge_interest(split.train + split.validation), project),
        "people": of_people,
        "peaks": _by_interest(lambda video: video.counts, project),
    }


def model_rows(split: Split, weights: dict[str, Path], project: Projection) -> dict[str, Row]:
    """Return the rows of the models that were trained on this split.

    A network that generates has a second row: its draws by the embedding and z of the other test
    videos.

    Raises:
        BadTrainingDataError: where a network reads another projection, so that PME cannot compare.
    """
    rows: dict[str, Row] = {}
    for model, path in weights.items():
        selector = load_selector_from(model, path)
        if model in GENERATING:
            network = load_network(model, path)
            check_projection(network.projection, project, path)
            rows[model] = partial(_own, selector, network)
            rows[f"{model}_swapped"] = _swapped(network, split.test)
        else:
            rows[model] = _by_selector(selector, project)
    return rows


def check_projection(found: Projection, wanted: Projection, path: Path) -> None:
    """Refuse weights that read the features through another projection.

    Raises:
        BadTrainingDataError: naming the file.
    """
    if found.matrix.shape != wanted.matrix.shape or not torch.equal(found.matrix, wanted.matrix):
        raise BadTrainingDataError(
            f"{path} reads features through another projection than the other weights of its "
            "fold, so that its errors cannot be compared: empty the folder and train them together"
        )


def chosen_shots(selector: Selector, video: LabelledVideo) -> NDArray[np.int64]:
    """Return the three seconds that the selector would publish."""
    best = selector.rank(video.shot_table(), seed=SEED)[0]
    return np.asarray(best.starts_s, dtype=np.int64)


@torch.inference_mode()
def _own(selector: Selector, network: Generating, video: LabelledVideo) -> Figures:
    """Return figures over many draws of z, or of the one GIF where nothing is drawn."""
    shots = network.projection.of(video.features)
    score = posterior_score(chosen_shots(selector, video), video.counts)
    generated = generated_gifs(network, shots, SAMPLES)
    return of_generated(video, score, generated, shots, draws_score(video, shots, generated))


@torch.inference_mode()
def _swapped(network: Generating, videos: Sequence[LabelledVideo]) -> Row:
    """Return the row of the draws by all other videos' conditions; none of them is published."""
    shots = {video.name: network.projection.of(video.features) for video in videos}
    draws = SAMPLES // (len(videos) - 1)
    gifs = {name: generated_gifs(network, each, draws) for name, each in shots.items()}

    def row(video: LabelledVideo) -> Figures:
        generated = torch.cat([of for name, of in gifs.items() if name != video.name])
        own = shots[video.name]
        return of_generated(video, NAN, generated, own, draws_score(video, own, generated))

    return row


def _by_selector(selector: Selector, project: Projection) -> Row:
    return lambda video: of_shots(video, chosen_shots(selector, video), project.of(video.features))


def _by_interest(interest: Interest, project: Projection) -> Row:
    return lambda video: of_shots(
        video, top_shots(video, interest(video)), project.of(video.features)
    )


def _generated_row(
    video: LabelledVideo, project: Projection, generate: Callable[[Tensor], Tensor]
) -> Figures:
    """Return figures of one feature, made of (n, d) shots, generated at all three positions."""
    shots = project.of(video.features)
    generated = generate(shots)[-1].expand(1, 3, -1)
    return of_generated(video, NAN, generated, shots)


def _mean(shots: Tensor) -> Tensor:
    return shots.mean(dim=0, keepdim=True)


def _medoid(shots: Tensor) -> Tensor:
    medoid = int(torch.cdist(shots, shots).sum(dim=0).argmin())
    return shots[medoid : medoid + 1]
