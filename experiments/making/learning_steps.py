"""The thumbnailer's side of learning: what clicks and choices tell, and what is made of it."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from experiments.making import site_settings
from experiments.making.feature_steps import features_at_hand
from experiments.making.files import local_copy
from experiments.making.thumbnail_steps import Making
from experiments.models import Video

Gifs = Sequence[Sequence[float]]  # where the shots of each begin, in seconds


def cues_of(video: Video, gifs: Gifs) -> NDArray[np.float64]:
    """Return (G, 7) the cues of a video's GIFs.

    Raises:
        ThumbnailerError: where the file or the installation is at fault.
    """
    from thumbnailer import steps

    return _of_gifs(steps.cues, video, gifs)


def cue_names() -> list[str]:
    """Return what the cues are called, in their order."""
    from thumbnailer.settings import CueWeights

    return [field.name for field in fields(CueWeights)]


def scorer_features_of(video: Video, gifs: Gifs) -> NDArray[np.float64]:
    """Return (G, 1 + D) the shot scorer's score of a video's GIFs, and the features that it reads.

    Raises:
        ThumbnailerError: where the file or the installation is at fault.
    """
    from thumbnailer import steps

    return _of_gifs(steps.scorer_features, video, gifs)


def _of_gifs(
    step: Callable[..., list[list[float]]], video: Video, gifs: Gifs
) -> NDArray[np.float64]:
    """Return a row for each of a video's GIFs, by a step of the thumbnailer."""
    with local_copy(video.file) as path:
        making = Making(video, path, lambda *_: None)
        of_gifs = (making.content_sha256, gifs, site_settings.selection())
        with features_at_hand(making.content_sha256) as folder:
            return np.asarray(making.run(Video.MakingStep.FEATURES, step, folder, *of_gifs))


def write_scorer(path: Path, trust: float, correction: NDArray[np.float64], clicks: int) -> str:
    """Write the shot scorer with what so many clicks taught, and return the file's sha256.

    Raises:
        ThumbnailerError: where the installation is at fault.
        OSError: where there is no room.
    """
    from thumbnailer.training.learned_scorer import write_scorer

    return write_scorer(path, trust, correction, clicks)
