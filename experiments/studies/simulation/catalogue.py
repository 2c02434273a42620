"""The pilot's catalogue: 9,814 videos, as published or drawn like it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

KEY = re.compile(r"[-a-zA-Z0-9_]+")  # it becomes part of an address
# A log-normal, cut to the range of the published list: its 9,814 durations have quartiles 200,
# 340.5 and 608 s and mean 451.8 s (github.com/xyiyy/GIF-Thumbnails, unannotated_data.json).
LOG_MEAN, LOG_SD = 5.852, 0.875
SHORTEST_S, LONGEST_S = 60.0, 1800.0


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One video of the catalogue."""

    key: str
    duration_s: float


class CatalogueError(ValueError):
    """A catalogue file that cannot be read; the message names the first offending record."""


def drawn_catalogue(videos: int, seed: int) -> list[CatalogueEntry]:
    """Draw a catalogue whose durations are distributed as the published ones."""
    low, high = ((np.log(end) - LOG_MEAN) / LOG_SD for end in (SHORTEST_S, LONGEST_S))
    rng = np.random.default_rng([seed, 2])
    drawn = np.exp(
        scipy.stats.truncnorm.rvs(low, high, LOG_MEAN, LOG_SD, size=videos, random_state=rng)
    )
    return [CatalogueEntry(f"drawn-{i + 1:05d}", round(float(s), 1)) for i, s in enumerate(drawn)]


def read_catalogue(path: Path) -> list[CatalogueEntry]:
    """Read the published list: ``{id: {"seconds": number, "video_url": text}}``.

    Raises:
        CatalogueError: where the file is no such list.
    """
    try:
        records = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise CatalogueError(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(records, dict) or not records:
        raise CatalogueError(f"{path} holds no {{id: record}} at its top")
    return [_entry(path, key, record) for key, record in records.items()]


def _entry(path: Path, key: str, record: object) -> CatalogueEntry:
    if not KEY.fullmatch(key):
        raise CatalogueError(f"{path}: record {key!r}, its name must be of a to z, 0 to 9, - and _")
    seconds = record.get("seconds") if isinstance(record, dict) else None
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not seconds > 0:
        raise CatalogueError(f"{path}: record {key!r} has seconds == {seconds!r}, must be over 0")
    return CatalogueEntry(key, float(seconds))
