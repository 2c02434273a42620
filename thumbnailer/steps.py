"""The steps of making a video's thumbnails: each can be run alone, twice, and by another process.

Arguments are paths and plain values, results are plain records, so that a step can be asked for by
name across a pipe. What was extracted of a video is kept in a folder, by the video's content.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from thumbnailer import pipeline
from thumbnailer.encode.cut import render
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.settings import DEFAULT
from thumbnailer.encode.strip import make_strip
from thumbnailer.errors import DiskFullError
from thumbnailer.features.analysis import Analysis
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.features.spool import decode_to, extract_from
from thumbnailer.features.store import FeatureStore
from thumbnailer.results import Rendition, Selection, Strip, Versions

BATCH_SIZE = 64  # clips


def warm() -> None:
    """Load every model and compile every encoder, so that a fork of this process has them."""
    torch.set_num_threads(1)
    default_extractor()
    versions(pipeline.selector_names())
    frames = np.zeros((2, 16, 16, 3), np.uint8)
    for image_format in FORMATS.values():
        image_format.encode(frames, 8, image_format.default_quality)


def versions(selectors: Sequence[str]) -> Versions:
    """Return what makes thumbnails now, without looking at a video.

    Raises:
        UnknownSelectorError: where a name is not one of ``selector_names()``.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    return Versions({name: pipeline.model_version(name) for name in selectors}, DEFAULT.digest)


def probe(path: str) -> float:
    """Return how many seconds the video lasts.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    return pipeline.probe(path).duration_s


def features(path: str, folder: str, content_sha256: str) -> None:
    """Decode the video and keep its features, where they are not kept yet.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        DiskFullError: no room in the folder.
    """
    _analysis(path, folder, content_sha256)


def held(folder: str, content_sha256: str) -> bool:
    """Tell whether the video's features are kept."""
    return FeatureStore(folder).holds(default_extractor().manifest, content_sha256)


def decode(path: str, spool: str) -> None:
    """Decode the video into a spool, from which another process extracts its features.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        DiskFullError: no room for the spool.
    """
    try:
        decode_to(Path(spool), path, default_extractor().manifest)
    except OSError as error:
        raise DiskFullError(f"{spool} cannot be written ({error}): free space") from error


def extract(spool: str, folder: str, content_sha256: str) -> None:
    """Extract the features of a spooled video, on a GPU where there is one, and keep them.

    Raises:
        FileNotFoundError: where there is no such spool.
        DiskFullError: no room in the folder.
    """
    extractor = default_extractor("cuda" if torch.cuda.is_available() else "cpu")
    video = extract_from(Path(spool), extractor, batch_size=BATCH_SIZE)
    FeatureStore(folder).keep(video, extractor.manifest, content_sha256)


def select(
    path: str, folder: str, content_sha256: str, selectors: Sequence[str]
) -> list[Selection]:
    """Return what each selector chooses, by the features kept; none kept, they are extracted.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    video = _analysis(path, folder, content_sha256)
    return [pipeline.select(video, name) for name in selectors]


def encode(path: str, shots: Sequence[float], shot_length_s: float) -> list[Rendition]:
    """Return the files of these shots in every format.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    return render(path, shots, shot_length_s)


def strip(path: str, times_s: Sequence[float]) -> Strip:
    """Return a sheet of the frames at these times.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    return make_strip(path, times_s)


def _analysis(path: str, folder: str, content_sha256: str) -> Analysis:
    return FeatureStore(folder).analysis(path, default_extractor(), content_sha256)
