"""The data set of the GIF Thumbnails paper (github.com/xyiyy/GIF-Thumbnails), in its JSON format.

    annotated_data.json      {video: {"gifs": {name: [t1, t2, t3]}, "frames": f, "fps": r, ...}}
    annotated_dm_count.json  {video: [comments of second 0, of second 1, ...]}
    unannotated_data.json    {video: {"seconds": n, "video_url": ...}}

Times are whole seconds in play order. A video may say "seconds" in place of "frames" and "fps".
"""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from thumbnailer.training.datasets.labels import (
    Defect,
    LabelSet,
    VideoLabels,
    checked_counts,
    checked_gif,
    gif_rows,
    read_object,
)
from thumbnailer.video.shots import SHOTS_IN_A_GIF

ANNOTATED = "annotated_data.json"
COUNTS = "annotated_dm_count.json"
CATALOGUE = "unannotated_data.json"
MOST_MISSING_S = 3  # seconds at the end that counts may lack; the video ends with its counts then


@dataclass(frozen=True, slots=True)
class CatalogueVideo:
    """A video without annotations: its key, whole seconds and address."""

    name: str
    seconds: int
    url: str


def read_gif_thumbnails(folder: Path) -> LabelSet:
    """Read annotations and comment counts.

    A GIF that makes no sense is left out; a video is, where its length or its counts make none.

    Raises:
        BadTrainingDataError: where a file cannot be read at all.
    """
    annotated, counts = read_object(folder / ANNOTATED), read_object(folder / COUNTS)
    videos: list[VideoLabels] = []
    defects = [
        Defect(name, f"it is not in {ANNOTATED}") for name in sorted(counts.keys() - annotated)
    ]
    for name, record in annotated.items():
        try:
            known = _counts_of(counts.get(name), _seconds(record))
            named = _gifs(record)
        except ValueError as error:
            defects.append(Defect(name, str(error)))
            continue
        gifs = []
        for gif_name, gif in named.items():
            try:
                gifs.append(checked_gif(gif, len(known)))
            except ValueError as error:
                defects.append(Defect(f"{name} {gif_name}", str(error)))
        videos.append(VideoLabels(name, known, gif_rows(gifs)))
    return LabelSet(tuple(videos), tuple(defects))


def read_catalogue(path: Path) -> tuple[tuple[CatalogueVideo, ...], tuple[Defect, ...]]:
    """Read the videos without annotations.

    Raises:
        BadTrainingDataError: where the file cannot be read at all.
    """
    videos, defects = [], []
    for name, record in read_object(path).items():
        try:
            videos.append(CatalogueVideo(name, _seconds(record), str(record.get("video_url", ""))))
        except ValueError as error:
            defects.append(Defect(name, str(error)))
    return tuple(videos), tuple(defects)


def _seconds(record: Any) -> int:
    if not isinstance(record, dict):
        raise ValueError(f"it is a {type(record).__name__}, must be an object")
    if "seconds" in record:
        seconds = _number(record, "seconds")
    else:
        fps = _number(record, "fps")
        seconds = _number(record, "frames") / fps if fps > 0 else 0.0
    if seconds < SHOTS_IN_A_GIF:
        raise ValueError(f"it lasts {seconds:g} s, must last at least {SHOTS_IN_A_GIF}")
    return int(np.ceil(seconds))


def _number(record: dict[str, Any], name: str) -> float:
    value = record.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError(f"{name} == {value!r}, must be a number")
    return float(value)


def _counts_of(counts: object, seconds: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Return at most (seconds,) counts: what lies past the end is left out."""
    values = checked_counts(counts)[:seconds]
    if len(values) < seconds - MOST_MISSING_S:
        raise ValueError(f"its comment counts end after {len(values)} of {seconds} seconds")
    if not values.any():
        raise ValueError("not one second of it has a comment")
    return values


def _gifs(record: dict[str, Any]) -> dict[str, Any]:
    gifs = record.get("gifs")
    if not isinstance(gifs, dict):
        raise ValueError(f"gifs == {gifs!r}, must be an object of names and shots")
    return gifs
