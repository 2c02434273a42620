"""One decoding pass over a video: features of its seconds and measures of its frames."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice, repeat
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thumbnailer.features.base import FeatureExtractor, FeatureManifest, shot_means
from thumbnailer.features.picture_cues import PictureCues
from thumbnailer.results import WHOLE, Part
from thumbnailer.settings import DEFAULT_FILM, FilmSettings
from thumbnailer.video.decoding_log import DecodingLog
from thumbnailer.video.measures import FrameMeasures, Measurer
from thumbnailer.video.sampling import sample_video
from thumbnailer.video.shots import shot_count
from thumbnailer.video.soundness import check_soundness

PICTURES_AT_ONCE = 6  # two seconds' for the default network, which reads most weights once for all
VERSION = 20  # to be raised when sampling or measures make other numbers of the same video


@dataclass(frozen=True, slots=True)
class Analysis:
    """All that the pass leaves of a video; its frames are not kept.

    Attributes:
        features: (n, D) float32, one row a whole second; n may be 0.
        frames: measures, a dozen a second.
        skipped_packets: how many packets could not be decoded.
        part: of its picture that is film, and no bar around it.
        faces: (n,) float32, how much of the picture's height the largest face takes, a third into
            each whole second; 0 where none is found. (0,) where none were looked for.
        lettering: (n,) float32, how much of the same picture is text; likewise.
        is_damaged: whether something of the film is lost, besides what may be at joints.
    """

    features: NDArray[np.float32]
    frames: FrameMeasures
    skipped_packets: int
    part: Part = WHOLE
    faces: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    lettering: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))
    is_damaged: bool = False

    @property
    def has_cues(self) -> bool:
        """Whether faces and lettering were looked for in every second."""
        return len(self.faces) >= len(self.features)


def analyse(
    path: str | Path,
    extractor: FeatureExtractor,
    settings: FilmSettings = DEFAULT_FILM,
    *,
    with_cues: bool = True,
) -> Analysis:
    """Decode the video once.

    Args:
        path: the video.
        extractor: whose features are wanted.
        settings: the ways in which it may be read.
        with_cues: whether to look for faces and lettering, which few selectors read.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    decoding = Decoding(path, extractor.manifest, settings, with_cues=with_cues)
    shots = as_shots(_rows(decoding.clips(), extractor), extractor.manifest)
    return with_features(decoding.finish(), shots)


def _rows(
    clips: Iterator[tuple[NDArray[np.uint8], int]], extractor: FeatureExtractor
) -> Iterator[NDArray[np.float32]]:
    """Yield the features of the clips, (D,) each, as often as they count."""
    batch = max(1, PICTURES_AT_ONCE // extractor.manifest.clip_frames)
    while some := list(islice(clips, batch)):
        features = extractor.extract(np.concatenate([clip for clip, _ in some]))
        for row, (_, times) in zip(features, some, strict=True):
            yield from repeat(row, times)


def as_shots(rows: Iterable[NDArray[np.float32]], manifest: FeatureManifest) -> NDArray[np.float32]:
    """Average the clips' features, (D,) each, to those of whole seconds, (n, D), as they come."""
    waiting = iter(rows)
    shots = [np.zeros((0, manifest.dimension), np.float32)]
    while second := list(islice(waiting, manifest.clips_per_s)):
        shots.append(shot_means(np.stack(second), manifest.clips_per_s))
    return np.concatenate(shots)


def with_features(video: Analysis, shots: NDArray[np.float32]) -> Analysis:
    """Return the finished pass with the features of its seconds, (n, D)."""
    count = shot_count(video.frames)
    faces, lettering = video.faces[:count], video.lettering[:count]
    return replace(video, features=shots[:count], faces=faces, lettering=lettering)


class Decoding:
    """The pass over one video: clips for a network stream out, all else is kept to the end."""

    def __init__(
        self,
        path: str | Path,
        manifest: FeatureManifest,
        settings: FilmSettings = DEFAULT_FILM,
        *,
        with_cues: bool = True,
    ) -> None:
        self._path, self._manifest, self._settings = path, manifest, settings
        self._log, self._measurer = DecodingLog(), Measurer()
        self._cues, self._with_cues = PictureCues(), with_cues

    def clips(self) -> Iterator[tuple[NDArray[np.uint8], int]]:
        """Yield (1, T, size, size, 3) RGB clips and how often each is to be counted.

        Raises:
            VideoError: one of its kinds, where the file cannot be used.
        """
        length = self._manifest.clip_frames
        begun: list[NDArray[np.uint8]] = []
        for rgb, times in self._frames():
            if length == 1:
                yield rgb[None, None], times
                continue
            begun += [rgb] * times
            while len(begun) >= length:
                yield np.stack(begun[:length])[None], 1
                del begun[:length]

    def finish(self) -> Analysis:
        """Return what the pass found, still without features, after the last clip was taken.

        Raises:
            DamagedVideoError: where next to nothing of it is left.
        """
        none = np.zeros((0, self._manifest.dimension), np.float32)
        measurer = self._measurer
        faces, lettering = self._cues.finish()
        frames = measurer.finish(self._log)
        if self._log.is_damaged:
            check_soundness(Path(self._path), frames.errors)
        return Analysis(
            features=none,
            frames=frames,
            skipped_packets=self._log.skipped_packets,
            part=measurer.part(),
            faces=faces,
            lettering=lettering,
            is_damaged=self._log.is_damaged,
        )

    def _frames(self) -> Iterator[tuple[NDArray[np.uint8], int]]:
        manifest = self._manifest
        for sample in sample_video(
            self._path,
            rgb_size=manifest.input_size,
            rgb_per_s=manifest.frames_per_s,
            settings=self._settings,
            log=self._log,
        ):
            if sample.end_tick > sample.first_tick:
                self._measurer.add(sample)
                if self._with_cues:
                    self._cues.add(sample)
            if sample.rgb is not None:
                yield sample.rgb, sample.feature_frames
