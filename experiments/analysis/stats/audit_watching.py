"""Audit cases of watched seconds: long-tailed times, of viewers and videos unlike one another."""

from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import as_strata, estimate_mean_ctr
from experiments.analysis.stats.records import ViewerVideoSums
from experiments.analysis.stats.results import ArmMeans
from experiments.analysis.stats.scenarios import Scenario, draw
from experiments.analysis.stats.two_way import inflation
from experiments.unit import Unit

LEVEL = 0.95
MEDIAN_MS = 20_000.0
SPREAD = 1.2  # s.d. of the log of a time: the longest hundredth is 16 times the median and more
OF_VIEWERS, OF_VIDEOS = 0.6, 0.6  # s.d. of a viewer's patience and of a video's length, as logs


@dataclass(frozen=True, slots=True)
class Watching:
    """Two arms whose clicks are watched; in the second `factor` times as long.

    Attributes:
        scenario: of the clicks.
        factor: 1 where no arm is watched longer.
        from_counts: whether the error is by video, widened as viewers widen that of the clicks, as
            a report of more views than it reads by viewer does.
    """

    scenario: Scenario
    factor: float = 1.0
    from_counts: bool = False
    figures: tuple[str, ...] = ("watched seconds",)

    def __call__(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw once, and return whether a difference was found."""
        clicked = draw(self.scenario, rng)
        (line,) = compare(self._means(clicked, watched(clicked, self.factor, rng)))
        return (np.nan if line.reason else float(line.p_value < 1 - LEVEL),)

    def _means(self, clicked: ViewerVideoSums, sums: ViewerVideoSums) -> ArmMeans:
        unit = self.scenario.unit
        if unit is Unit.VIDEO:
            return estimate_mean_ctr(as_strata(sums), unit)
        if not self.from_counts:
            return estimate_mean_ctr(sums, unit)
        two_way = estimate_mean_ctr(clicked, unit)
        factor = inflation(two_way, estimate_mean_ctr(as_strata(clicked), unit))
        return estimate_mean_ctr(as_strata(sums), unit).widened(factor, two_way.df)


def watched(sums: ViewerVideoSums, factor: float, rng: np.random.Generator) -> ViewerVideoSums:
    """Return how many milliseconds the clicks were watched, in the second arm `factor` times."""
    patience = rng.normal(0, OF_VIEWERS, int(sums.viewer_ids.max()) + 1)[sums.viewer_ids]
    length = rng.normal(0, OF_VIDEOS, int(sums.video_ids.max()) + 1)[sums.video_ids]
    logs = patience + length + rng.normal(0, SPREAD, sums.clicks.size)
    longer = np.where(sums.arm_index == 1, factor, 1.0)
    took_ms = np.round(sums.clicks * MEDIAN_MS * np.exp(logs) * longer).astype(np.int64)
    return replace(sums, clicks=took_ms, are_amounts=True)


_BY_VIEWER_AND_VIDEO = Scenario(Unit.VIEWER_VIDEO, views=120.0, effect_spread=0.25)
_HEAVY = replace(_BY_VIEWER_AND_VIDEO, activity_spread=1.2)
_BY_VIEWER = replace(_BY_VIEWER_AND_VIDEO, unit=Unit.VIEWER)
_BY_VIDEO = replace(_BY_VIEWER_AND_VIDEO, unit=Unit.VIDEO)
NULL, FOUND = (3.0, 6.5), (80.0, 100.0)
# By its name: the case, and the range in % of how often it finds a difference.
WATCHING: dict[str, tuple[Watching, tuple[float, float]]] = {
    "viewer_video": (Watching(_BY_VIEWER_AND_VIDEO), NULL),
    "viewer_video, from counts": (Watching(_BY_VIEWER_AND_VIDEO, from_counts=True), NULL),
    "top 1 % makes 13 %": (Watching(_HEAVY), NULL),
    "top 1 % makes 13 %, from counts": (Watching(_HEAVY, from_counts=True), NULL),
    "viewer": (Watching(_BY_VIEWER), NULL),
    "video": (Watching(_BY_VIDEO), NULL),
    "viewer_video, half as long again": (Watching(_BY_VIEWER_AND_VIDEO, 1.5), FOUND),
    "viewer, half as long again": (Watching(_BY_VIEWER, 1.5), FOUND),
}
