"""The steps of making a video's thumbnails: each can be run alone, twice, and by another process.

A worker names a step by its function, so this module is cheap to import: what a step needs is
imported where it runs, in a process that has it already. Arguments and results are paths and plain
records, which go through a pipe.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from thumbnailer.results import (
    WHOLE,
    KeptAs,
    MadeCreative,
    Part,
    Rendition,
    Selection,
    Storyboard,
    Versions,
    Wanted,
)
from thumbnailer.settings import (
    DEFAULT_FILM,
    DEFAULT_PICTURES,
    FILM_SHAPE,
    AtHand,
    ExtractorSettings,
    FilmSettings,
    PictureSettings,
    SelectionSettings,
)

if TYPE_CHECKING:
    from thumbnailer.features.analysis import Analysis


def warm(at_hand: AtHand) -> None:
    """Import all that steps need, load every model and compile every encoder.

    The networks that look for faces and text are 25 MB, and loaded where something reads them.

    Raises:
        UnknownExtractorError: where there is no such extractor.
        UnknownSelectorError: where there is no such selector.
        CheckpointMissingError: where weights are not there.
        CheckpointMismatchError: where weights are damaged or another network's.
    """
    from thumbnailer.compiled import compile_apart
    from thumbnailer.encode.formats import compile_encoders
    from thumbnailer.features.face_windows import compile_windows

    # before all else lies beside the compiler's 200 MB, and in one child, as it takes a second
    compile_apart(compile_encoders, compile_windows)

    import torch

    from thumbnailer import choose  # noqa: F401  the steps need it, and the next ones
    from thumbnailer.creative import read  # noqa: F401
    from thumbnailer.encode import renditions, storyboard  # noqa: F401
    from thumbnailer.features import spool  # noqa: F401
    from thumbnailer.features.extractors import load_extractor
    from thumbnailer.features.picture_cues import load_networks
    from thumbnailer.registry import SELECTORS, load_selector, reads_cues, works_with
    from thumbnailer.video import probe  # noqa: F401

    torch.set_num_threads(1)
    features = load_extractor(at_hand.extractor).manifest
    for name in SELECTORS:
        if works_with(name, features):
            load_selector(name)
    if at_hand.shape != FILM_SHAPE or any(map(reads_cues, at_hand.selectors)):
        load_networks()
    compile_encoders()


def versions(
    selectors: Sequence[str],
    settings: SelectionSettings,
    pictures: PictureSettings = DEFAULT_PICTURES,
) -> Versions:
    """Return what makes thumbnails now, without looking at a video.

    Raises:
        UnknownSelectorError: where there is no selector of that name.
        OtherFeaturesError: where a selector's weights were trained on other features.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    from thumbnailer.choose import rules_digest
    from thumbnailer.encode.settings import EncoderSettings
    from thumbnailer.features.extractors import load_extractor
    from thumbnailer.registry import model_version

    features = load_extractor(settings.extractor).manifest
    models = {name: model_version(name, features) for name in selectors}
    encoders = EncoderSettings.of(pictures).digests
    return Versions(models, rules_digest(features, settings), encoders)


def probe(path: str, film: FilmSettings = DEFAULT_FILM) -> float:
    """Return how many seconds the video lasts.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    from thumbnailer.video.probe import probe

    return probe(path, film).duration_s


def features(
    path: str,
    folder: str,
    content_sha256: str,
    extractor: ExtractorSettings,
    film: FilmSettings = DEFAULT_FILM,
    *,
    selectors: Sequence[str],
) -> None:
    """Decode the video and keep what these selectors read, where it is not kept yet.

    Raises:
        UnknownSelectorError: where there is no selector of that name.
        VideoError: one of its kinds, where the file cannot be used.
        DiskFullError: no room in the folder.
    """
    from thumbnailer.features.extractors import load_extractor
    from thumbnailer.features.store import FeatureStore
    from thumbnailer.registry import reads_cues

    with_cues = any(map(reads_cues, selectors))
    store = FeatureStore(folder, film)
    store.analysis(path, load_extractor(extractor), content_sha256, with_cues=with_cues)


def kept_as(
    content_sha256: str, extractor: ExtractorSettings, film: FilmSettings = DEFAULT_FILM
) -> KeptAs:
    """Return the names by which the video's features and frames are kept."""
    from thumbnailer.features.extractors import load_extractor
    from thumbnailer.features.spool import spool_of
    from thumbnailer.features.store import FeatureStore

    features = load_extractor(extractor).manifest
    name = FeatureStore("", film).name(features, content_sha256)
    return KeptAs(name, str(spool_of("", content_sha256, features)))


def decode(
    path: str,
    spools: str,
    content_sha256: str,
    extractor: ExtractorSettings,
    film: FilmSettings = DEFAULT_FILM,
) -> None:
    """Decode the video into a spool of its own, from which another process extracts its features.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        DiskFullError: no room for the spool.
    """
    from thumbnailer.features.extractors import load_extractor
    from thumbnailer.features.spool import decode_to, spool_of

    features = load_extractor(extractor).manifest
    decode_to(spool_of(spools, content_sha256, features), path, features, film)


def extract(
    spools: str,
    folder: str,
    content_sha256: str,
    extractor: ExtractorSettings,
    film: FilmSettings = DEFAULT_FILM,
) -> None:
    """Extract the features of a spooled video, on a GPU where there is one, and keep them.

    The spool is gone afterwards.

    Raises:
        SpoolLostError: where there is no such spool.
        DiskFullError: no room in the folder.
    """
    from torch import cuda

    from thumbnailer.features.extractors import load_extractor
    from thumbnailer.features.spool import extract_from, spool_of
    from thumbnailer.features.store import FeatureStore

    network = load_extractor(extractor, "cuda" if cuda.is_available() else "cpu")
    spool = spool_of(spools, content_sha256, network.manifest)
    store = FeatureStore(folder, film)
    store.keep(extract_from(spool, network), network.manifest, content_sha256)
    shutil.rmtree(spool)


def select(
    path: str,
    folder: str,
    content_sha256: str,
    selectors: Sequence[str],
    settings: SelectionSettings,
) -> list[Selection]:
    """Return what each selector chooses, by the features kept; none kept, they are extracted.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OtherFeaturesError: where a selector's weights were trained on other features.
    """
    from thumbnailer.choose import choose
    from thumbnailer.features.extractors import load_extractor
    from thumbnailer.features.store import FeatureStore
    from thumbnailer.memory import give_back_freed_memory
    from thumbnailer.registry import model_version, reads_cues

    extractor = load_extractor(settings.extractor)
    for name in selectors:
        model_version(name, extractor.manifest)  # refused before the work, not after
    with_cues = any(map(reads_cues, selectors))
    store = FeatureStore(folder, settings.film)
    video = store.analysis(path, extractor, content_sha256, with_cues=with_cues)
    chosen = []
    for name in selectors:
        chosen.append(choose(video, name, rules=settings.rules))
        give_back_freed_memory()  # or each selector's would be added to the others'
    return chosen


def cues(
    path: str,
    folder: str,
    content_sha256: str,
    gifs: Sequence[Sequence[float]],
    settings: SelectionSettings,
) -> list[list[float]]:
    """Return the mean cues of each GIF, by its shots' starts, in the order of CueWeights.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OtherFeaturesError: where the features are not those that our own selector reads.
    """
    from thumbnailer.choose import cues_of_gifs

    video = _analysis(path, folder, content_sha256, "appeal", settings)
    found: list[list[float]] = cues_of_gifs(video, gifs).tolist()
    return found


def scorer_features(
    path: str,
    folder: str,
    content_sha256: str,
    gifs: Sequence[Sequence[float]],
    settings: SelectionSettings,
) -> list[list[float]]:
    """Return the shot scorer's score of each GIF and the features that it reads, means over shots.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OtherFeaturesError: where the features are not those that it reads.
    """
    from thumbnailer.training.learned_scorer import gif_features, shipped_network

    video = _analysis(path, folder, content_sha256, "shot_scorer", settings)
    found: list[list[float]] = gif_features(shipped_network(), video.features, gifs).tolist()
    return found


def _analysis(
    path: str, folder: str, content_sha256: str, selector: str, settings: SelectionSettings
) -> "Analysis":
    """Return what is kept of a video, or look at it, in features that the selector can read."""
    from thumbnailer.features.extractors import load_extractor
    from thumbnailer.features.store import FeatureStore
    from thumbnailer.registry import model_version, reads_cues

    extractor = load_extractor(settings.extractor)
    model_version(selector, extractor.manifest)
    store, with_cues = FeatureStore(folder, settings.film), reads_cues(selector)
    return store.analysis(path, extractor, content_sha256, with_cues=with_cues)


def encode(
    path: str,
    thumbnails: Sequence[Wanted],
    *,
    part: Part = WHOLE,
    pictures: PictureSettings = DEFAULT_PICTURES,
) -> list[list[Rendition]]:
    """Return the files that are wanted of each thumbnail, of this part of the picture.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OSError: where there is no room for the frames.
    """
    from thumbnailer.encode.renditions import render_all
    from thumbnailer.encode.settings import EncoderSettings

    settings = EncoderSettings.of(pictures)
    return render_all(path, thumbnails, part=part, settings=settings)


def creative(
    path: str, names: Sequence[str], pictures: PictureSettings = DEFAULT_PICTURES
) -> MadeCreative:
    """Return those files of a picture or clip that are asked for; a still has no moving ones.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    from thumbnailer.creative.read import read_creative
    from thumbnailer.encode.renditions import render_frames
    from thumbnailer.encode.settings import EncoderSettings

    settings = EncoderSettings.of(pictures)
    frame_s = settings.frame_ms / 1000
    most = 2 if settings.wide else 1
    found = read_creative(Path(path), box=settings.box, frame_s=frame_s, most=most)
    count = len(found.frames)
    length_s = count * frame_s if count > 1 else 0.0
    return MadeCreative(render_frames(found.frames, names, settings), length_s, found.note)


def playable(path: str, target: str, film: FilmSettings = DEFAULT_FILM) -> bool:
    """Write the film as every browser plays it, unless they play the file itself; tell whether.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        OSError: where there is no room for it.
    """
    from thumbnailer.encode.playable import plays_in_browsers, write_playable

    if plays_in_browsers(Path(path), film):
        return False
    write_playable(Path(path), Path(target), film)
    return True


def storyboard(
    path: str,
    times_s: Sequence[float],
    part: Part = WHOLE,
    film: FilmSettings = DEFAULT_FILM,
) -> Storyboard:
    """Return the frames at these times on one picture.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    from thumbnailer.encode.storyboard import make_storyboard

    return make_storyboard(path, times_s, part, film)


def frame(
    path: str,
    time_s: float,
    width: int,
    part: Part = WHOLE,
    film: FilmSettings = DEFAULT_FILM,
) -> Rendition:
    """Return the frame at this time as JPEG, at most so wide.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    from thumbnailer.encode.still import frame_at

    return frame_at(path, time_s, width, part, film)
