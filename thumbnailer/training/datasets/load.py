"""One door to every data set: labels and features of a folder become ``LabelledVideo`` records.

    annotations.npz, features.npz                                   TVSum
    annotated_data.json, annotated_dm_count.json, and features      GIF Thumbnails' format
    shots.jsonl, and features                                       the platform's own log

Features are in features.npz, (n, D) float a video, one row a second; a video that is not there is
decoded from the folder videos/, where it is a file named as the video, by the platform's extractor.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import BadFeaturesError, BadTrainingDataError, VideoError
from thumbnailer.features.analysis import analyse
from thumbnailer.features.base import FeatureExtractor, check_finite
from thumbnailer.features.efficientnet_lite import check_numbers
from thumbnailer.training.data import FOLDS, LabelledVideo
from thumbnailer.training.datasets.gif_thumbnails import ANNOTATED, read_gif_thumbnails
from thumbnailer.training.datasets.labels import Defect, LabelSet, VideoLabels
from thumbnailer.training.datasets.platform_log import read_platform_log
from thumbnailer.training.tvsum import load_tvsum

LOG = "shots.jsonl"
TVSUM = "annotations.npz"
FEATURES = "features.npz"
VIDEOS = "videos"
MOST_APART_S = 3  # seconds at the end that features or labels may lack; both are cut to the shorter

Features = Callable[[str], NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class DataSet:
    """What training can use, and what was left out, each with its reason."""

    videos: tuple[LabelledVideo, ...]
    defects: tuple[Defect, ...]


def load_data_set(folder: Path, extractor: Callable[[], FeatureExtractor]) -> DataSet:
    """Read a folder of any of the three kinds.

    Args:
        folder: see above.
        extractor: makes the features of videos that have none; called where there are such only.

    Raises:
        BadTrainingDataError: where the folder is of no kind, or a file cannot be read at all.
    """
    if (folder / TVSUM).is_file():
        return DataSet(load_tvsum(folder), ())
    return join(read_labels(folder), FolderFeatures(folder, extractor))


def read_labels(folder: Path) -> LabelSet:
    """Read the labels of a folder that keeps them apart from features.

    Raises:
        BadTrainingDataError: where the folder has none, or a file cannot be read at all.
    """
    if (folder / ANNOTATED).is_file():
        return read_gif_thumbnails(folder)
    if (folder / LOG).is_file():
        return read_platform_log(folder / LOG)
    raise BadTrainingDataError(
        f"{folder} holds neither {ANNOTATED}, nor {LOG}, nor {TVSUM}: "
        "--data must be a folder with one of them"
    )


def join(labels: LabelSet, features: Features) -> DataSet:
    """Put features to labels; a video without usable ones is left out and listed."""
    videos, defects = [], list(labels.defects)
    for video in labels.videos:
        try:
            videos.append(_labelled(video, features(video.name)))
        except (ValueError, BadFeaturesError, VideoError) as error:
            defects.append(Defect(video.name, str(error)))
    return DataSet(tuple(videos), tuple(defects))


def _labelled(video: VideoLabels, features: NDArray[np.float32]) -> LabelledVideo:
    if features.ndim != 2:
        raise ValueError(f"features.shape == {features.shape}, must be (seconds, D)")
    check_finite(features)
    check_numbers(features)
    if abs(len(video.counts) - len(features)) > MOST_APART_S:
        raise ValueError(f"it has {len(features)} features for {len(video.counts)} seconds")
    seconds = min(len(video.counts), len(features))
    counts = video.counts[:seconds]
    if not counts.any():
        raise ValueError("not one second that has a feature has a comment")
    inside = video.gifs[(video.gifs < seconds).all(axis=1)]
    if not len(inside):
        raise ValueError("it has no GIF to learn from")
    votes = np.zeros((len(inside), seconds))
    np.put_along_axis(votes, inside, 1.0, axis=1)
    return LabelledVideo(
        name=video.name,
        fold=crc32(video.name.encode()) % FOLDS,
        features=features[:seconds].astype(np.float32),
        counts=counts,
        opinions=votes,
        gifs=inside,
    )


class FolderFeatures:
    """The features of a data set's folder: kept ones, or of the videos in it."""

    def __init__(self, folder: Path, extractor: Callable[[], FeatureExtractor]) -> None:
        """Open the folder.

        Raises:
            BadTrainingDataError: where features.npz is there and cannot be read.
        """
        self._folder, self._extractor = folder, extractor
        self._kept = dict(_arrays(folder / FEATURES))

    def __call__(self, name: str) -> NDArray[np.float32]:
        """Return (n, D) of a video.

        Raises:
            ValueError: where there are none and no file to take them from.
            VideoError: where its file cannot be used.
        """
        if name in self._kept:
            return self._kept[name]
        files = sorted(p for p in (self._folder / VIDEOS).glob("*") if p.stem == name)
        if not files:
            raise ValueError(f"it is neither in {FEATURES} nor a file of {VIDEOS}/")
        return analyse(files[0], self._extractor()).features


def _arrays(path: Path) -> Iterator[tuple[str, NDArray[np.float32]]]:
    if not path.is_file():
        return
    try:
        with np.load(path, allow_pickle=False) as arrays:
            yield from arrays.items()
    except (OSError, ValueError) as error:
        raise BadTrainingDataError(f"{path} cannot be read: {error}") from error
