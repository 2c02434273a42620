"""Findings of the platform's own experiments: JSON lines, one for each GIF of each video.

    {"video": "v1", "seconds": 135, "shots_s": [36, 102, 19], "views": 3601, "clicks": 262}

`manage.py export_shots` writes them. Of a second that GIFs have shown, the share of views that they
turned into clicks stands in for comments; one that none has shown has 0, which says nothing.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from thumbnailer.errors import BadTrainingDataError
from thumbnailer.training.datasets.labels import (
    Defect,
    LabelSet,
    VideoLabels,
    checked_gif,
    gif_rows,
)


@dataclass(frozen=True, slots=True)
class ShownGif:
    """One GIF of a video of ``seconds``, its views and its clicks."""

    video: str
    seconds: int
    shots_s: list[int]
    views: int
    clicks: int


def read_platform_log(path: Path) -> LabelSet:
    """Read the file; lines that make no sense are left out, and videos that no one clicked.

    Raises:
        BadTrainingDataError: where the file cannot be read at all.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadTrainingDataError(f"{path} cannot be read as text: {error}") from error
    by_video: dict[str, list[ShownGif]] = {}
    defects: list[Defect] = []
    for number, line in enumerate(lines, start=1):
        try:
            gif = _gif(line)
            _check_length(gif, by_video.get(gif.video, []))
            by_video.setdefault(gif.video, []).append(gif)
        except ValueError as error:
            defects.append(Defect(f"line {number}", str(error)))
    videos = [_labels(gifs) for gifs in by_video.values()]
    clicked = tuple(video for video in videos if video.counts.any())
    unclicked = [video.name for video in videos if not video.counts.any()]
    defects += [Defect(name, "not one of its GIFs was clicked") for name in unclicked]
    return LabelSet(clicked, tuple(defects))


def _gif(line: str) -> ShownGif:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError("it is no JSON") from None
    if not isinstance(record, dict) or not isinstance(record.get("video"), str):
        raise ValueError("it must be an object with the name of a video")
    seconds, views, clicks = (_whole(record, name) for name in ("seconds", "views", "clicks"))
    if not views > 0 or not 0 <= clicks <= views:
        raise ValueError(f"views == {views}, clicks == {clicks}, must be views > 0, >= clicks >= 0")
    return ShownGif(
        record["video"], seconds, checked_gif(record.get("shots_s"), seconds), views, clicks
    )


def _whole(record: dict[str, Any], name: str) -> int:
    value = record.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} == {value!r}, must be a whole number")
    return value


def _check_length(gif: ShownGif, others: Sequence[ShownGif]) -> None:
    if others and others[0].seconds != gif.seconds:
        raise ValueError(f"seconds == {gif.seconds}, but a line before says {others[0].seconds}")


def _labels(gifs: list[ShownGif]) -> VideoLabels:
    views, clicks = np.zeros((2, gifs[0].seconds))
    for gif in gifs:
        views[gif.shots_s] += gif.views
        clicks[gif.shots_s] += gif.clicks
    shares = np.divide(clicks, views, out=np.zeros_like(clicks), where=views > 0)
    return VideoLabels(gifs[0].video, shares, gif_rows([gif.shots_s for gif in gifs]))
