"""Steps of an impression, which are its events, and the measures that are counted of them.

The list of measures is the columns of every table of counts: the models take their fields from it,
the rollup and its proof their SQL, files and the API their columns. A metric is a ratio of two
(experiments/metrics.py).
"""

from dataclasses import dataclass
from enum import IntEnum

LONG_WATCH_S = 10


class Step(IntEnum):
    """A thing that happens to an impression, once; made viewable, it is a page view (PV)."""

    SERVED = 0
    LOADED = 1
    VIEWABLE = 2
    ANIMATED = 3
    CLICK = 4
    WATCHED = 5
    CALM = 6  # its viewer asks for less motion or less data, and sees a still


@dataclass(frozen=True, slots=True)
class Measure:
    """One number that is counted in every cell.

    Attributes:
        name: of the column.
        step: whose events are counted.
        also: another step that the impression must have taken, whatever that event's flags.
        also_s: for how many seconds at least, where that step is being watched.
        adds_watched_ms: add up how long the events say that was watched, instead of counting them.
    """

    name: str
    step: Step
    also: Step | None = None
    also_s: int = 0
    adds_watched_ms: bool = False

    @property
    def sql_type(self) -> str:
        """The column's type: only a sum of times outgrows four bytes."""
        return "bigint" if self.adds_watched_ms else "integer"


MEASURES = (
    Measure("served", Step.SERVED),
    Measure("loaded", Step.LOADED),
    Measure("views", Step.VIEWABLE),
    Measure("animated", Step.ANIMATED),
    Measure("clicks", Step.CLICK),
    Measure("watched", Step.WATCHED),
    Measure("watched_clicks", Step.CLICK, also=Step.WATCHED, also_s=LONG_WATCH_S),
    Measure("watched_ms", Step.WATCHED, adds_watched_ms=True),
    Measure("calm", Step.CALM),
)
EVENTS_OF = {
    measure.step: measure.name
    for measure in MEASURES
    if measure.also is None and not measure.adds_watched_ms
}
