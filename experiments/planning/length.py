"""Lengths: the lift that an experiment can see in so many days, and the days that a lift takes.

Many videos are a sample of all like them, and the spread of effects over videos is part of the
error; a few are looked at for themselves, and only views count (docs/statistics.md).
"""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import timedelta
from math import nan, sqrt

import scipy
from django.db.models import QuerySet
from django.utils import timezone

from experiments.analysis import kept_counts
from experiments.analysis.stats.power import PairedPower
from experiments.analysis.stats.spending import Spending
from experiments.analysis.stats.two_way import FEW_VIDEOS
from experiments.analysis.stopping import RUNNING_SHARE
from experiments.models import Video
from experiments.paper import TABLE_3
from experiments.stopping import StoppingRule

POWER = 0.8
LOOKED_BACK = timedelta(days=28)
EFFECT_SPREAD = 0.25  # s.d. over videos of an effect, as a share: that of the simulated viewers
MAX_DAYS = 366


@dataclass(frozen=True, slots=True)
class Traffic:
    """What is known of the views to come.

    Attributes:
        views_a_day: of all videos together; nan where none was counted.
        ctr: clicks per view; the paper's control where none was counted.
    """

    views_a_day: float
    ctr: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """An experiment to be, as far as its length depends on it.

    Attributes:
        videos: how many.
        traffic: of these videos.
        shares: of the arms, the control first; adding up to 1 or less.
        level: of confidence.
        rule: when it may be decided.
        looks: of a group-sequential plan.
    """

    videos: int
    traffic: Traffic
    shares: tuple[float, ...]
    level: float
    rule: StoppingRule
    looks: int

    def lift_seen(self, days: float) -> float:
        """Return the smallest lift that is found with 80 % power at the end of so many days.

        It is a share, of the arm with the least traffic; nan where no lift would be found.
        """
        views = self._views_per_arm(days)
        if not (self.videos and views > 0 and 0 < self.traffic.ctr < 1):
            return nan
        ctr, alpha = self.traffic.ctr, self._alpha
        if self.videos < FEW_VIDEOS:
            z = scipy.stats.norm.isf(alpha / 2) + scipy.stats.norm.ppf(POWER)
            return float(z * sqrt(2 * (1 - ctr) / (ctr * views)) * self._for_looks)
        paired = PairedPower(ctr, self.videos, views / self.videos, EFFECT_SPREAD * ctr, 0.0, alpha)
        return paired.minimum_detectable_lift(POWER) * self._for_looks

    def days_for(self, lift: float) -> int | None:
        """Return the days in which a lift is seen; None where a year does not do."""
        days = range(1, MAX_DAYS + 1)
        found = bisect_left(days, 1, key=lambda each: int(self.lift_seen(each) <= lift))
        return days[found] if found < len(days) else None

    def _views_per_arm(self, days: float) -> float:
        """Return the views of two equal arms that tell as much as the control and the least arm."""
        control, *others = self.shares
        least = min((share for share in others if share > 0), default=0.0)
        if not control > 0 or not least > 0:
            return 0.0
        return self.traffic.views_a_day * days * 2 / (1 / control + 1 / least)

    @property
    def _alpha(self) -> float:
        """The error of one arm's comparison at the planned end."""
        compared = max(sum(share > 0 for share in self.shares[1:]), 1)
        return (1 - self.level) * (1 - RUNNING_SHARE.get(self.rule, 0.0)) / compared

    @property
    def _for_looks(self) -> float:
        """Times by which looks on the way widen what can be seen."""
        if self.rule is not StoppingRule.GROUP_SEQUENTIAL:
            return 1.0
        one = PairedPower(0.05, FEW_VIDEOS, 1000.0, 0.0, 0.0, self._alpha)
        spending = Spending.OBRIEN_FLEMING_TWO_SIDED
        return sqrt(one.with_looks(spending, self.looks).inflation(POWER))


def traffic_of(videos: QuerySet[Video]) -> Traffic:
    """Return what the last four weeks say of these videos, in whatever experiment they were."""
    views, clicks, days = kept_counts.counted_since(videos, (timezone.now() - LOOKED_BACK).date())
    ctr = clicks / views if clicks else TABLE_3["raw"].mean_ctr
    return Traffic(views / days if days else nan, ctr)
