"""The one door: a video file in, its thumbnails out, whole or step by step."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from thumbnailer.choose import choose
from thumbnailer.encode.renditions import render
from thumbnailer.features.analysis import Analysis, analyse
from thumbnailer.features.extractors import load_extractor
from thumbnailer.recipe import DEFAULT_EXTRACTOR, DEFAULT_TRIM, ExtractorChoice, Trim
from thumbnailer.registry import SELECTORS, load_selector, model_version
from thumbnailer.results import Rendition, Selection
from thumbnailer.selection.parts.base import Candidate
from thumbnailer.video.probe import VideoInfo, probe
from thumbnailer.video.sampling import TICKS_PER_S

__all__ = [
    "Candidate",
    "MadeThumbnail",
    "Rendition",
    "Selection",
    "VideoInfo",
    "make_thumbnails",
    "probe",
    "render",
    "selector_names",
]


@dataclass(frozen=True, slots=True)
class MadeThumbnail:
    """One finished thumbnail of one video.

    Attributes:
        selector: the name of the rule that chose its shots.
        model_version: of that rule; changes with its weights.
        renditions: its files; the first is the one that every browser shows.
        shots: seconds at which its shots begin, in play order; a still's one moment.
        shot_length_s: 1 for moving pictures, less for videos under 3 s; 0 for a still.
        candidates: what else could have been chosen, best first; the first is this one.
        note: what a reader must know, in sentences; empty for most.
    """

    selector: str
    model_version: str
    renditions: tuple[Rendition, ...]
    shots: tuple[float, ...]
    shot_length_s: float
    candidates: tuple[Candidate, ...]
    note: str

    @property
    def media_type(self) -> str:
        """Such as "image/gif": of the rendition that every browser shows, as all that follow."""
        return self.renditions[0].media_type

    @property
    def file_extension(self) -> str:
        """Such as ".gif"."""
        return self.renditions[0].file_extension

    @property
    def content(self) -> bytes:
        """The file's bytes."""
        return self.renditions[0].content

    @property
    def width(self) -> int:
        """Pixels, at most 320."""
        return self.renditions[0].width

    @property
    def height(self) -> int:
        """Pixels, at most 180."""
        return self.renditions[0].height


def selector_names() -> tuple[str, ...]:
    """Return the names that ``make_thumbnails`` knows."""
    return tuple(SELECTORS)


def make_thumbnails(
    path: str | Path,
    selectors: Sequence[str],
    *,
    seed: int = 0,
    features: ExtractorChoice = DEFAULT_EXTRACTOR,
    trim: Trim = DEFAULT_TRIM,
) -> list[MadeThumbnail]:
    """Make one thumbnail for each selector, in that order.

    The video is decoded once and its features are extracted once. Torch is set to one thread in
    this process, as one worker process runs on each core.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        UnknownExtractorError: where there is no such extractor.
        UnknownSelectorError: where a name is not one of ``selector_names()``.
        OtherFeaturesError: where a selector's weights were trained on other features.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    torch.set_num_threads(1)
    extractor = load_extractor(features)
    for name in selectors:
        model_version(name, extractor.manifest)  # or fail before the work, not after
    video = analyse(path, extractor)
    return [_make(path, select(video, name, seed=seed, trim=trim)) for name in selectors]


def select(video: Analysis, name: str, *, seed: int = 0, trim: Trim = DEFAULT_TRIM) -> Selection:
    """Return what a selector chooses of a video, whose features are such that it can read them.

    Raises:
        UnknownSelectorError: where the name is not one of ``selector_names()``.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    selector = load_selector(name)
    choice = choose(video, selector, seed=seed, trim=trim)
    return Selection(
        selector=name,
        model_version=selector.version,
        shots=choice.candidates[0].starts_s,
        shot_length_s=choice.shot_length_s,
        candidates=tuple((each.starts_s, each.score) for each in choice.candidates),
        note="; ".join(filter(None, (selector.note, choice.note, _damage(video)))),
    )


def _make(path: str | Path, chosen: Selection) -> MadeThumbnail:
    return MadeThumbnail(
        selector=chosen.selector,
        model_version=chosen.model_version,
        renditions=tuple(render(path, chosen.shots, chosen.shot_length_s)),
        shots=chosen.shots,
        shot_length_s=chosen.shot_length_s,
        candidates=tuple(Candidate(*each) for each in chosen.candidates),
        note=chosen.note,
    )


def _damage(video: Analysis) -> str:
    """Say how much of the video was lost, where some was."""
    errors = video.frames.errors
    lost = [
        f"{video.skipped_packets} packets could not be decoded" if video.skipped_packets else "",
        f"{(errors > 0).sum() / TICKS_PER_S:.1f} s are left out" if errors.any() else "",
    ]
    told = ", ".join(filter(None, lost))
    return f"the file is damaged: {told}" if told else ""
