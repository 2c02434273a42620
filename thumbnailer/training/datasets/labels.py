"""Labels that people gave videos, before features are at hand, and what of them makes no sense."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thumbnailer.errors import BadTrainingDataError
from thumbnailer.video.shots import SHOTS_IN_A_GIF


@dataclass(frozen=True, slots=True)
class VideoLabels:
    """One video.

    Attributes:
        name: its key in the data set.
        counts: (n,) float64 comments of each second, or what stands in for them; >= 0, some > 0.
        gifs: (G, 3) int64 seconds of each accepted GIF, in play order; G may be 0.
    """

    name: str
    counts: NDArray[np.float64]
    gifs: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Defect:
    """A record that was left out.

    Attributes:
        record: which, as the file names it.
        reason: what is wrong with it.
    """

    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class LabelSet:
    """The usable videos of a data set in the file's order, and what was left out of it."""

    videos: tuple[VideoLabels, ...]
    defects: tuple[Defect, ...]


def checked_counts(counts: object) -> NDArray[np.float64]:
    """Return counts as an array.

    Raises:
        ValueError: saying what is wrong with them.
    """
    if not isinstance(counts, list) or not counts:
        raise ValueError("it has no comment counts")
    if not all(isinstance(count, int | float) and not isinstance(count, bool) for count in counts):
        raise ValueError("its comment counts must be a list of numbers")
    values = np.asarray(counts, dtype=np.float64)
    if not (np.isfinite(values) & (values >= 0)).all():
        raise ValueError("its comment counts must be finite and >= 0")
    if not values.any():
        raise ValueError("not one second of it has a comment")
    return values


def checked_gif(gif: object, seconds: int) -> list[int]:
    """Return the seconds of a GIF.

    Raises:
        ValueError: saying what is wrong with them.
    """
    if not isinstance(gif, list) or len(gif) != SHOTS_IN_A_GIF:
        raise ValueError(f"shots == {gif}, must be a list of {SHOTS_IN_A_GIF} seconds")
    if not all(isinstance(start, int | float) and start == start // 1 for start in gif):
        raise ValueError(f"shots == {gif}, must be whole seconds")
    if not all(0 <= start < seconds for start in gif):
        raise ValueError(f"shots == {gif}, must lie within the video's {seconds} seconds")
    if len(set(gif)) < SHOTS_IN_A_GIF:
        raise ValueError(f"shots == {gif}, must be three different seconds")
    return [int(start) for start in gif]


def gif_rows(gifs: list[list[int]]) -> NDArray[np.int64]:
    """Return (G, 3) int64, G >= 0."""
    return np.asarray(gifs, dtype=np.int64).reshape(-1, SHOTS_IN_A_GIF)


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object that a file holds.

    Raises:
        BadTrainingDataError: where there is none.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadTrainingDataError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(document, dict):
        raise BadTrainingDataError(f"{path} holds a {type(document).__name__}, must be an object")
    return document
