"""The one door: a video file in, its thumbnails out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from thumbnailer.encode.cut import cut_gif, cut_still
from thumbnailer.features.analysis import Analysis, analyse
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.selection.base import Candidate, Media, Selector
from thumbnailer.selection.choose import choose
from thumbnailer.selection.registry import LOADERS, load_selector
from thumbnailer.video.probe import VideoInfo, probe

__all__ = ["Candidate", "MadeThumbnail", "VideoInfo", "make_thumbnails", "probe", "selector_names"]


@dataclass(frozen=True, slots=True)
class MadeThumbnail:
    """One finished thumbnail of one video.

    Attributes:
        selector: the name of the rule that chose its shots.
        model_version: of that rule; changes with its weights.
        media_type: such as "image/gif".
        file_extension: such as ".gif".
        content: the file's bytes.
        width: pixels, at most 320.
        height: pixels, at most 180.
        shots: seconds at which its shots begin, in play order; a still's one moment.
        shot_length_s: 1 for GIFs, less for videos under 3 s; 0 for a still.
        candidates: what else could have been chosen, best first; the first is this one.
        note: what a reader must know, in sentences; empty for most.
    """

    selector: str
    model_version: str
    media_type: str
    file_extension: str
    content: bytes
    width: int
    height: int
    shots: tuple[float, ...]
    shot_length_s: float
    candidates: tuple[Candidate, ...]
    note: str


def selector_names() -> tuple[str, ...]:
    """Return the names that ``make_thumbnails`` knows."""
    return tuple(LOADERS)


def model_version(selector: str) -> str:
    """Return what a selector's thumbnails will say made them, without looking at a video.

    Raises:
        UnknownSelectorError: where the name is not one of ``selector_names()``.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    return load_selector(selector).version


def make_thumbnails(
    path: str | Path, selectors: Sequence[str], *, seed: int = 0
) -> list[MadeThumbnail]:
    """Make one thumbnail for each selector, in that order.

    The video is decoded once and its features are extracted once. Torch is set to one thread in
    this process, as one worker process runs on each core.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
        UnknownSelectorError: where a name is not one of ``selector_names()``.
        CheckpointMissingError: where weights are not installed.
        CheckpointMismatchError: where weights are damaged.
    """
    torch.set_num_threads(1)
    loaded = [load_selector(name) for name in selectors]
    video = analyse(path, default_extractor())
    return [
        _make(path, video, name, selector, seed)
        for name, selector in zip(selectors, loaded, strict=True)
    ]


def _make(
    path: str | Path, video: Analysis, name: str, selector: Selector, seed: int
) -> MadeThumbnail:
    choice = choose(video, selector, seed=seed)
    starts_s = choice.candidates[0].starts_s
    is_still = selector.media is Media.STILL
    image = (
        cut_still(path, starts_s[0]) if is_still else cut_gif(path, starts_s, choice.shot_length_s)
    )
    return MadeThumbnail(
        selector=name,
        model_version=selector.version,
        media_type=image.media_type,
        file_extension=image.file_extension,
        content=image.content,
        width=image.width,
        height=image.height,
        shots=starts_s,
        shot_length_s=choice.shot_length_s,
        candidates=choice.candidates,
        note="; ".join(filter(None, (selector.note, choice.note, _damage(video)))),
    )


def _damage(video: Analysis) -> str:
    skipped = video.skipped_packets
    return f"the file is damaged: {skipped} packets could not be decoded" if skipped else ""
