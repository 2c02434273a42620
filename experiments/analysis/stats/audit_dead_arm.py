"""Audit cases of click beacons: one that lives, and one that dies in mid-run."""

from dataclasses import dataclass

import numpy as np

from experiments.analysis.stats.dead_arm import dead_arms

DAYS = 28
ARMS = ("control", "second")


@dataclass(frozen=True, slots=True)
class Beacon:
    """Two arms by day, of which the second may stop sending clicks.

    Attributes:
        clicks: of an arm on an average day.
        day_spread: s.d. of the log click rate over days, alike in both arms.
        lift: of the second arm, as a share.
        dies_on: the first day without a click; None where all are sent.
    """

    clicks: float
    day_spread: float = 0.5
    lift: float = 0.0
    dies_on: int | None = None

    @property
    def figures(self) -> tuple[str, ...]:
        """Its one figure."""
        return ("found dead",)

    def __call__(self, rng: np.random.Generator) -> tuple[float, ...]:
        """Draw every day and look at all of them on the last."""
        rates = 0.05 * np.exp(self.day_spread * rng.standard_normal((DAYS, 1)))
        views = rng.poisson(self.clicks / 0.05, (DAYS, len(ARMS)))
        clicks = rng.binomial(views, np.minimum(rates * [1, 1 + self.lift], 1))
        if self.dies_on is not None:
            clicks[self.dies_on :, 1] = 0
        return (float(any(dead.arm == ARMS[1] for dead in dead_arms(ARMS, views, clicks))),)


BEACONS = {  # each with the range in % of times in which it is found dead
    "alive, 5 clicks a day": (Beacon(5.0), (0.0, 0.5)),
    "alive, 500 clicks a day": (Beacon(500.0), (0.0, 0.5)),
    "alive, and half as good": (Beacon(20.0, lift=-0.5), (0.0, 0.5)),
    "dies 3 days before the end": (Beacon(20.0, dies_on=DAYS - 3), (95.0, 100.0)),
}
