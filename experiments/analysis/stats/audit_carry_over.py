"""Audit cases of carry-over: units that were moved to another arm, and what that did to them."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.carry_over import ReturningViews, carry_over
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.records import FloatArray, IntArray
from experiments.analysis.stats.simultaneous import holm
from experiments.unit import Unit

LEVEL = 0.95
VIDEOS, VIEWERS, VIEWS = 20, 2000, 40_000
VIEWER_SPREAD, VIDEO_SPREAD, ACTIVITY_SPREAD = 0.8, 0.7, 1.2  # the busiest 1 % makes 13 %
# The second arm's part of the units in each phase: each change moves some to it.
GROWING = (0.2, 0.5, 0.8)


@dataclass(frozen=True, slots=True)
class Moved:
    """Two arms whose shares change twice.

    Attributes:
        unit: what is assigned.
        carried: added to the log odds of a click where the unit's arm was another before.
        lift: of the second arm, on the log odds: an effect is no carry-over.
    """

    unit: Unit
    carried: float = 0.0
    lift: float = 0.3
    figures: tuple[str, ...] = ("carry-over found",)

    def __call__(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw once, and return whether carry-over was found in any arm."""
        found = carry_over(self._drawn(rng))
        p_values = [compare(each.means)[0].p_value for each in found]
        least = np.nanmin(holm(np.array(p_values)), initial=np.inf)
        return (np.nan if np.isinf(least) else float(least < 1 - LEVEL),)

    def _drawn(self, rng: np.random.Generator) -> ReturningViews:
        activity = np.exp(ACTIVITY_SPREAD * rng.standard_normal(VIEWERS))
        viewer = np.sort(rng.choice(VIEWERS, VIEWS, p=activity / activity.sum()))
        video = rng.integers(VIDEOS, size=VIEWS)
        span = rng.integers(len(GROWING), size=VIEWS)
        order = np.lexsort((span, viewer))
        video, span = video[order], span[order]
        unit = viewer if self.unit is Unit.VIEWER else viewer * VIDEOS + video
        place = rng.random(VIEWERS * VIDEOS)[unit]
        arm = (place < np.array(GROWING)[span]).astype(np.int64)
        first = (place < GROWING[0]).astype(np.int64)
        odds = -3 + self.lift * arm + self.carried * (arm != first) + _own(viewer, video, rng)
        return ReturningViews.of(
            unit=unit,
            viewer=viewer,
            video=video,
            span=span,
            arm=arm,
            clicked=rng.random(VIEWS) < 1 / (1 + np.exp(-odds)),
        )


def _own(viewer: IntArray, video: IntArray, rng: np.random.Generator) -> FloatArray:
    """Return what viewers and videos of their own add to the log odds, (N,)."""
    by_viewer = rng.normal(0, VIEWER_SPREAD, VIEWERS)[viewer]
    return np.asarray(by_viewer + rng.normal(0, VIDEO_SPREAD, VIDEOS)[video])


NULL, FOUND = (2.5, 6.5), (80.0, 100.0)
# By its name: the case, and the range in % of how often it finds carry-over.
CARRIED: dict[str, tuple[Moved, tuple[float, float]]] = {
    "none, by viewer and video": (Moved(Unit.VIEWER_VIDEO), NULL),
    "none, by viewer": (Moved(Unit.VIEWER), NULL),
    "a third fewer clicks, by viewer and video": (Moved(Unit.VIEWER_VIDEO, -0.45), FOUND),
    "a third fewer clicks, by viewer": (Moved(Unit.VIEWER, -0.45), FOUND),
}
