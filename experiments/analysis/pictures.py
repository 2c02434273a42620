"""The pictures that the arms of an experiment show: what each weighs, and whether any moves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from experiments.analysis.stats.records import FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """One selector's, N of them.

    Attributes:
        video_ids: ascending, (N,).
        sizes_bytes: of the file that every browser shows, (N,).
        move: whether any moves.
    """

    video_ids: IntArray
    sizes_bytes: FloatArray
    move: bool

    @classmethod
    def of(cls, rows: Iterable[Mapping[str, Any]]) -> dict[str, Self]:
        """Return those of each selector by its name, of rows as `queries.pictures` gives them."""
        return {
            row["selector"]: cls(
                np.array(row["videos"], np.int64),
                np.array(row["sizes_bytes"], np.float64),
                row["move"],
            )
            for row in rows
        }

    def sizes_of(self, video_ids: IntArray) -> FloatArray:
        """Return the size of each video's, (V,); nan of a video that has none."""
        at = np.minimum(np.searchsorted(self.video_ids, video_ids), self.video_ids.size - 1)
        return np.where(self.video_ids[at] == video_ids, self.sizes_bytes[at], np.nan)
