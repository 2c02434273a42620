"""Crossover: one unit seen in two arms, which no correct assignment lets happen."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.proportion import proportion
from experiments.analysis.stats.records import LEVEL, ViewerVideoSums
from experiments.analysis.stats.results import Estimate
from experiments.unit import Unit


@dataclass(frozen=True, slots=True)
class Crossover:
    """How many units were seen in more than one arm; `share` has Wilson's interval."""

    unit: Unit
    units: int
    crossed: int
    share: Estimate

    @property
    def alarm(self) -> bool:
        """Whether any unit crossed over."""
        return self.crossed > 0


def crossover(sums: ViewerVideoSums, unit: Unit, *, level: float = LEVEL) -> Crossover:
    """Count the units with views in more than one arm.

    Raises:
        DesignError: where the unit is the impression, which cannot be seen twice.
    """
    if unit is Unit.IMPRESSION:
        raise DesignError("unit == 'impression': an impression is seen once, in one arm")
    seen = sums.views > 0
    viewer = np.unique(sums.viewer_ids[seen], return_inverse=True)[1]
    video = np.unique(sums.video_ids[seen], return_inverse=True)[1]
    codes: dict[Unit, NDArray[np.int64]] = {
        Unit.VIEWER: viewer,
        Unit.VIDEO: video,
        Unit.VIEWER_VIDEO: viewer * (video.max(initial=0) + 1) + video,
    }
    arms = len(sums.arms)
    combinations = np.unique(codes[unit] * arms + sums.arm_index[seen])
    arms_seen = np.unique(combinations // arms, return_counts=True)[1]
    units, crossed = arms_seen.size, int((arms_seen > 1).sum())
    return Crossover(unit, units, crossed, proportion(crossed, units, level=level))
