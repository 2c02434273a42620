"""The rows of Table 2, part 2, for one test fold: each gives its figures for a video."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from thumbnailer.metrics.posterior_score import posterior_score
from thumbnailer.selection.gevaden import Gevaden, GevadenNetwork
from thumbnailer.selection.parts.base import Selector
from thumbnailer.selection.parts.matching import distances_to, match
from thumbnailer.selection.parts.networks import Projection
from thumbnailer.selection.re_seq2seq import ReSeq2SeqNetwork
from thumbnailer.selection.uniform import Uniform
from thumbnailer.training.config import TrainingConfig
from thumbnailer.training.data import LabelledVideo, Split
from thumbnailer.training.evaluate import top_shots
from thumbnailer.training.models import RECIPES
from thumbnailer.training.projection import fit_ridge
from thumbnailer.training.runs import MODELS, load_network, load_selector_from
from thumbnailer.training.video_metrics import (
    SAMPLES,
    Figures,
    of_generated,
    of_people,
    of_random,
    of_shots,
)

SEED = 0
AT_ONCE = 1000  # draws generated together: 6 MB of states
Row = Callable[[LabelledVideo], Figures]

# What they are called in the table, in its order.
TITLES = {
    "random": "random",
    "video_mean": "mean feature of the video (PME only)",
    "medoid": "medoid shot of the video (PME only)",
    "uniform": "uniform",
    **{name: recipe.title for name, recipe in RECIPES.items()},
    "ridge": "ridge regression",
    "shot_scorer": "shot scorer (ours)",
    "people": "one rater against the others",
    "peaks": "comment peaks (oracle)",
}


def rows_of_fold(split: Split, weights: dict[str, Path], config: TrainingConfig) -> dict[str, Row]:
    """Return every row, its models those that were trained on this split.

    PME needs one space of features for all rows: that of GEVADEN's projection of this split, which
    every other network here was trained on, too.
    """
    project = load_network("gevaden", weights["gevaden"]).projection
    rows: dict[str, Row] = {
        "random": lambda video: of_random(video, _shots(project, video), SEED),
        "video_mean": lambda video: _mean_row(video, project),
        "medoid": lambda video: _medoid_row(video, project),
        "uniform": _by_selector(Uniform(), project),
        "ridge": _ridge_row(split, config, project),
        "people": of_people,
        "peaks": lambda video: of_shots(
            video, top_shots(video, video.counts), _shots(project, video)
        ),
    }
    for model in MODELS:
        rows[model] = _model_row(model, weights[model], project)
    return {name: rows[name] for name in TITLES}


def chosen_shots(selector: Selector, video: LabelledVideo) -> NDArray[np.int64]:
    """Return the three seconds that the selector would publish."""
    best = selector.rank(video.shot_table(), seed=SEED)[0]
    return np.asarray(best.starts_s, dtype=np.int64)


def _model_row(model: str, path: Path, project: Projection) -> Row:
    selector = load_selector_from(model, path)
    if isinstance(selector, Gevaden):
        return lambda video: _gevaden_figures(selector, load_network(model, path), video)
    if model == "re_seq2seq":
        return lambda video: _seq2seq_figures(selector, load_network(model, path), video)
    return _by_selector(selector, project)


@torch.inference_mode()
def _gevaden_figures(selector: Gevaden, network: GevadenNetwork, video: LabelledVideo) -> Figures:
    """Return figures over 10,000 draws of z, each with its GIF by Eq. 4."""
    shots = _shots(network.projection, video)
    generator = torch.Generator().manual_seed(SEED)
    blocks = [
        network.eval().sample_gifs(shots, AT_ONCE, generator) for _ in range(SAMPLES // AT_ONCE)
    ]
    choice = shots[torch.from_numpy(video.eligible)]
    drawn = torch.cat([match(distances_to(block, choice)).shots[:, 0] for block in blocks])
    ps_of_draws = video.counts[video.eligible[drawn.numpy()]].sum(axis=1).mean()
    return of_generated(
        video,
        posterior_score(chosen_shots(selector, video), video.counts),
        torch.cat(blocks),
        shots,
        float(ps_of_draws / video.counts.max()),
    )


@torch.inference_mode()
def _seq2seq_figures(
    selector: Selector, network: ReSeq2SeqNetwork, video: LabelledVideo
) -> Figures:
    shots = _shots(network.projection, video)
    published = posterior_score(chosen_shots(selector, video), video.counts)
    return of_generated(video, published, network.eval().generate(shots)[None], shots)


def _by_selector(selector: Selector, project: Projection) -> Row:
    return lambda video: of_shots(video, chosen_shots(selector, video), _shots(project, video))


def _ridge_row(split: Split, config: TrainingConfig, project: Projection) -> Row:
    """Return the three best seconds by ridge regression of training and validation videos."""
    mean, weights = fit_ridge(split.train + split.validation, config.ridge_penalty)
    return lambda video: of_shots(
        video, top_shots(video, (video.features - mean) @ weights), _shots(project, video)
    )


def _mean_row(video: LabelledVideo, project: Projection) -> Figures:
    shots = _shots(project, video)
    return of_generated(video, float("nan"), shots.mean(dim=0).expand(1, 3, -1), shots)


def _medoid_row(video: LabelledVideo, project: Projection) -> Figures:
    shots = _shots(project, video)
    medoid = int(torch.cdist(shots, shots).sum(dim=0).argmin())
    return of_generated(video, float("nan"), shots[medoid].expand(1, 3, -1), shots)


@torch.inference_mode()
def _shots(project: Projection, video: LabelledVideo) -> Tensor:
    """Return (n, d) projected features."""
    shots: Tensor = project(torch.from_numpy(video.features))
    return shots
