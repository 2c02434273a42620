"""The steps of making a video's thumbnails: each can be run alone, twice, and by another process.

Arguments are paths and plain values, results are plain records, so that a step can be asked for by
name across a pipe. What was extracted of a video is kept in a folder, by the video's content.
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch

from thumbnailer import pipeline
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.renditions import render
from thumbnailer.encode.settings import DEFAULT
from thumbnailer.encode.storyboard import make_storyboard
from thumbnailer.errors import DiskFullError, SpoolLostError
from thumbnailer.features.analysis import VERSION as ANALYSIS_VERSION
from thumbnailer.features.base import FeatureManifest
from thumbnailer.features.extractors import load_extractor
from thumbnailer.features.spool import decode_to, extract_from
from thumbnailer.features.store import FeatureStore
from thumbnailer.recipe import ExtractorChoice, Recipe, Trim
from thumbnailer.registry import model_version, works_with
from thumbnailer.results import Rendition, Selection, Storyboard, Versions
from thumbnailer.video.shots import RULES_VERSION

FRAMES_AT_ONCE = 64  # through the network


def warm(features: ExtractorChoice) -> None:
    """Load every model and compile every encoder, so that a fork of this process has them.

    Raises:
        UnknownExtractorError: where there is no such extractor.
        CheckpointMissingError: where weights are not there.
        CheckpointMismatchError: where weights are damaged or another network's.
    """
    torch.set_num_threads(1)
    manifest = load_extractor(features).manifest
    for name in pipeline.selector_names():
        if works_with(name, manifest):
            model_version(name, manifest)
    frames = np.zeros((2, 16, 16, 3), np.uint8)
    for image_format in FORMATS.values():
        image_format.encode(frames, 8, image_format.default_quality)


def versions(selectors: Sequence[str], recipe: Recipe) -> Versions:
    """Return what makes thumbnails now, without looking at a video.

    Raises:
        UnknownSelectorError: where a name is not one of ``selector_names()``.
        OtherFeaturesError: where a selector's weights were trained on other features.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    manifest = load_extractor(recipe.extractor).manifest
    models = {name: model_version(name, manifest) for name in selectors}
    return Versions(models, _selection_digest(manifest, recipe.trim), DEFAULT.digest)


def probe(path: str) -> float:
    """Return how many seconds the video lasts.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    return pipeline.probe(path).duration_s


def features(path: str, folder: str, content_sha256: str, by: ExtractorChoice) -> None:
    """Decode the video and keep its features, where they are not kept yet.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        DiskFullError: no room in the folder.
    """
    FeatureStore(folder).analysis(path, load_extractor(by), content_sha256)


def held(folder: str, content_sha256: str, by: ExtractorChoice) -> bool:
    """Tell whether the video's features are kept."""
    return FeatureStore(folder).holds(load_extractor(by).manifest, content_sha256)


def decode(path: str, spools: str, content_sha256: str, by: ExtractorChoice) -> None:
    """Decode the video into a spool of its own, from which another process extracts its features.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        DiskFullError: no room for the spool.
    """
    manifest = load_extractor(by).manifest
    spool = _spool(spools, content_sha256, manifest)
    try:
        decode_to(spool, path, manifest)
    except OSError as error:
        raise DiskFullError(f"{spool} cannot be written ({error}): free space") from error


def extract(spools: str, folder: str, content_sha256: str, by: ExtractorChoice) -> None:
    """Extract the features of a spooled video, on a GPU where there is one, and keep them.

    The spool is gone afterwards.

    Raises:
        SpoolLostError: where there is no such spool.
        DiskFullError: no room in the folder.
    """
    extractor = load_extractor(by, "cuda" if torch.cuda.is_available() else "cpu")
    spool = _spool(spools, content_sha256, extractor.manifest)
    if not spool.is_dir():
        raise SpoolLostError(f"{spool} is gone, or was for another extractor: it is decoded again")
    batch_size = max(1, FRAMES_AT_ONCE // extractor.manifest.clip_frames)
    video = extract_from(spool, extractor, batch_size=batch_size)
    FeatureStore(folder).keep(video, extractor.manifest, content_sha256)
    shutil.rmtree(spool)


def select(
    path: str,
    folder: str,
    content_sha256: str,
    selectors: Sequence[str],
    recipe: Recipe,
) -> list[Selection]:
    """Return what each selector chooses, by the features kept; none kept, they are extracted.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OtherFeaturesError: where a selector's weights were trained on other features.
    """
    extractor = load_extractor(recipe.extractor)
    for name in selectors:
        model_version(name, extractor.manifest)
    video = FeatureStore(folder).analysis(path, extractor, content_sha256)
    return [pipeline.select(video, name, trim=recipe.trim) for name in selectors]


def encode(path: str, shots: Sequence[float], shot_length_s: float) -> list[Rendition]:
    """Return the files of these shots in every format.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    return render(path, shots, shot_length_s)


def storyboard(path: str, times_s: Sequence[float]) -> Storyboard:
    """Return the frames at these times on one picture.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    return make_storyboard(path, times_s)


def _spool(spools: str, content_sha256: str, manifest: FeatureManifest) -> Path:
    return Path(spools) / f"{content_sha256}-{manifest.digest[:20]}"


def _selection_digest(manifest: FeatureManifest, trim: Trim) -> str:
    parts = [manifest.digest, asdict(trim), ANALYSIS_VERSION, RULES_VERSION]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:20]
