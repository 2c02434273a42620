"""One video's section of the page: its storyboard, what was chosen, and what is wrong there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thumbnailer.choose import choose_by
from thumbnailer.encode.formats import FORMATS
from thumbnailer.encode.renditions import render
from thumbnailer.features.analysis import Analysis
from thumbnailer.features.efficientnet_lite import default_extractor
from thumbnailer.features.store import FeatureStore
from thumbnailer.results import STILL, Rendition, Selection
from thumbnailer.selection.parts.base import Selector
from thumbnailer.video.cut import cut_frames
from thumbnailer.video.fitness import names_of_faults
from thumbnailer.video.framing import Framing
from thumbnailer.video.probe import probe
from thumbnailer.video.shots import cut_ticks, eligible_shots
from thumbnailer.video.ticks import TICKS_PER_S

TILE = (128, 72)
COLUMNS = 12
MOST_TILES = 60
MOMENTS = (0.0, 0.48, 0.88)  # of a shot of one second: its first, middle and last frame
SHOWN = [each.name for each in FORMATS.values() if each.media_type.startswith("image/")]


@dataclass(frozen=True, slots=True)
class Chosen:
    """One selector's thumbnail of the video.

    Attributes:
        selector: its name.
        shots: (seconds, what is wrong with that shot; empty for most) in play order.
        frames: file name of three frames of every shot, a row each.
        pictures: file names of the renditions.
        sizes: of the renditions, in words.
        note: the selector's.
    """

    selector: str
    shots: tuple[tuple[float, str], ...]
    frames: str
    pictures: tuple[str, ...]
    sizes: str
    note: str


@dataclass(frozen=True, slots=True)
class Section:
    """One video: a line about it, its storyboard's file name, what was chosen; or only an error."""

    name: str
    about: str
    storyboard: str
    chosen: tuple[Chosen, ...]


def section_of(path: Path, selectors: Mapping[str, Selector], out: Path) -> Section:
    """Analyse the video, let every selector choose, and write the pictures into ``out``.

    Raises:
        VideoError: one of its kinds, where the file cannot be used.
    """
    content = sha256(path.read_bytes()).hexdigest()
    video = FeatureStore(out / "features").analysis(path, default_extractor(), content)
    info = probe(path)
    length_s = video.frames.duration_s
    every_s = max(1, -(-round(length_s) // MOST_TILES))
    about = (
        f"{length_s:.1f} s, {info.width} x {info.height}, {info.fps:.4g} frames/s, {info.codec}; "
        f"{len(eligible_shots(video.frames))} of {len(video.features)} seconds may be chosen; "
        f"a tile every {every_s} s"
    )
    name = path.name.replace(".", "_")
    _save(
        _grid(_frames(path, [float(s) for s in range(0, max(1, int(length_s)), every_s)])),
        out,
        name,
    )
    chosen = tuple(
        _chosen(path, video, choose_by(selector, video, title), out, f"{name}-{number}")
        for number, (title, selector) in enumerate(selectors.items())
    )
    return Section(path.name, about, f"{name}.jpg", chosen)


def _chosen(path: Path, video: Analysis, chosen: Selection, out: Path, name: str) -> Chosen:
    length_s = chosen.shot_length_s
    rows = [
        _frames(path, [start_s + moment * length_s for moment in MOMENTS[: 3 if length_s else 1]])
        for start_s in chosen.starts_s
    ]
    _save(np.concatenate([np.concatenate(row, axis=1) for row in rows]), out, name)
    renditions = render(path, chosen.starts_s, length_s, [*SHOWN, STILL], part=video.part)
    for each in renditions:
        (out / f"{name}-{each.name}{each.file_extension}").write_bytes(each.content)
    return Chosen(
        selector=chosen.selector,
        shots=_judged(video, chosen),
        frames=f"{name}.jpg",
        pictures=tuple(f"{name}-{each.name}{each.file_extension}" for each in renditions),
        sizes=", ".join(_size(each) for each in renditions),
        note=chosen.note,
    )


def _size(rendition: Rendition) -> str:
    return f"{rendition.name} {len(rendition.content) / 1000:.0f} KB"


def _judged(video: Analysis, chosen: Selection) -> tuple[tuple[float, str], ...]:
    return tuple(
        (start_s, _faults(video, start_s, chosen.shot_length_s)) for start_s in chosen.starts_s
    )


def _faults(video: Analysis, start_s: float, length_s: float) -> str:
    """Name what a person would not want to see in this shot."""
    frames = video.frames
    first = round(start_s * TICKS_PER_S)
    ticks = slice(first, max(first + 1, round((start_s + length_s) * TICKS_PER_S)))
    cut = ["a cut"] if cut_ticks(frames)[ticks][1:].any() else []
    return ", ".join(cut + names_of_faults(frames, ticks))


def _frames(path: Path, times_s: Sequence[float]) -> list[NDArray[np.uint8]]:
    """Return the (72, 128, 3) pictures on screen at these increasing times, on gray."""
    [run] = cut_frames(path, [times_s], Framing(TILE))
    return [_on_gray(frame) for frame in run]


def _on_gray(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    tile = np.full((TILE[1], TILE[0], 3), 64, np.uint8)
    height, width, _ = frame.shape
    top, left = (TILE[1] - height) // 2, (TILE[0] - width) // 2
    tile[top : top + height, left : left + width] = frame
    return tile


def _grid(tiles: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    tiles = tiles + [np.full_like(tiles[0], 255)] * (-len(tiles) % COLUMNS)
    rows = [
        np.concatenate(tiles[at : at + COLUMNS], axis=1) for at in range(0, len(tiles), COLUMNS)
    ]
    return np.concatenate(rows)


def _save(picture: NDArray[np.uint8], out: Path, name: str) -> None:
    Image.fromarray(picture).save(out / f"{name}.jpg", quality=80)
