"""TVSum (Song et al., CVPR 2015) as a stand-in for annotated GIFs: 50 videos, 20 raters.

It is a proxy: raters said how important each two seconds are to a summary, not which GIF they
would click. A rater's GIF is made of the three seconds that he rated best; comments are the mean
rating minus its minimum.
"""

from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import BadTrainingDataError
from thumbnailer.features.base import shot_means
from thumbnailer.features.efficientnet_lite import check_numbers
from thumbnailer.training.data import LabelledVideo

SPACING_S = 5
FEATURE_FRAMES_PER_S = 3
SHORTEST_S = 8 * SPACING_S


def load_tvsum(folder: Path) -> tuple[LabelledVideo, ...]:
    """Read annotations.npz and features.npz, sorted by category and name.

    Fold k holds the k-th video of each category, so that five folds of ten videos have one of
    each.

    Raises:
        BadTrainingDataError: naming the file, record and remedy.
        BadFeaturesError: where features are not finite, or of another normalisation.
    """
    annotations, features = _read(folder / "annotations.npz"), _read(folder / "features.npz")
    names = sorted(features)
    for name in names:
        _check_record(folder, annotations, name)
    category = {name: str(annotations[f"{name}/category"]) for name in names}
    seen: Counter[str] = Counter()
    videos = []
    for name in sorted(names, key=lambda name: (category[name], name)):
        videos.append(_video(annotations, name, features[name], fold=seen[category[name]]))
        seen[category[name]] += 1
    return tuple(videos)


def _read(path: Path) -> dict[str, NDArray[np.generic]]:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return dict(arrays)
    except (OSError, ValueError) as error:
        raise BadTrainingDataError(
            f"{path} cannot be read ({error}): --data must be a folder with annotations.npz and "
            "features.npz"
        ) from error


def _check_record(folder: Path, annotations: dict[str, NDArray[np.generic]], name: str) -> None:
    for part in ("user_anno", "category", "length_s"):
        if f"{name}/{part}" not in annotations:
            raise BadTrainingDataError(
                f"{folder / 'annotations.npz'} has no {name}/{part}, but features.npz has {name}: "
                "take both files from one source"
            )
    length_s = float(annotations[f"{name}/length_s"])
    if length_s < SHORTEST_S:
        raise BadTrainingDataError(f"{name}/length_s == {length_s}, must be >= {SHORTEST_S}")


def _video(
    annotations: dict[str, NDArray[np.generic]],
    name: str,
    frames: NDArray[np.generic],
    *,
    fold: int,
) -> LabelledVideo:
    features = shot_means(frames.astype(np.float32), FEATURE_FRAMES_PER_S)
    check_numbers(features)
    length_s = float(annotations[f"{name}/length_s"])
    count = min(len(features), int(length_s))
    ratings = annotations[f"{name}/user_anno"].astype(np.float64)
    opinions = _by_second(ratings, ratings.shape[1] / length_s, count)
    mean = opinions.mean(axis=0)
    return LabelledVideo(name, fold, features[:count], mean - mean.min(), opinions)


def _by_second(ratings: NDArray[np.float64], fps: float, count: int) -> NDArray[np.float64]:
    """Average (R, frames) ratings over each second: (R, count)."""
    edges = np.round(np.arange(count) * fps).astype(np.intp)
    last = min(ratings.shape[1], round(count * fps))
    sums = np.add.reduceat(ratings[:, :last], edges, axis=1)
    return np.asarray(sums / np.diff([*edges, last]))
