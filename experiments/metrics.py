"""Metrics: each a ratio of two measures, declared once; report, API and pages follow.

What a metric is of is counted by the rollup where experiments/measures.py lists it, but for what a
picture weighs, which its file tells.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import nan

from experiments.measures import MEASURES, Measure

MEASURE = {measure.name: measure for measure in MEASURES}
PICTURE_BYTES = "picture_bytes"  # a numerator that no event has: the size of the picture's file
LARGEST_MARGIN = 100  # of what may rise: to a hundred times more


class Role(StrEnum):
    """The part of a metric in the decision."""

    PRIMARY = "primary"  # decides
    GUARDRAIL = "guardrail"  # must not become worse by more than its margin
    SECONDARY = "secondary"  # informs


class Quantity(StrEnum):
    """The kind of number that a metric is of."""

    SHARE = "share"
    SECONDS = "s"
    BYTES = "bytes"


@dataclass(frozen=True, slots=True)
class Metric:
    """A ratio by video and arm, compared as the mean of the videos' ratios.

    Attributes:
        name: in documents.
        said: in a sentence, as "clicks per view".
        numerator: the measure of the impressions that have it, or of the amount that they have.
        denominator: the measure of those that could have it, among which they are.
        role: its part in the decision.
        higher_is_better: False where a rise is a change for the worse.
        proves: whether what takes the part has the whole, told or not: what was loaded was served.
        margin: of a guardrail: the relative change for the worse that is accepted, such as 0.05.
        is_default: of a guardrail: whether a plan has it unless it says otherwise. A report
            compares those that its plan has not as secondary metrics.
        quantity: what its numbers are of.
        lacks: whether those count that do not have the numerator.

    Raises:
        ValueError: where a guardrail has no margin, or anything else has one.
    """

    name: str
    said: str
    numerator: str
    denominator: str
    role: Role
    higher_is_better: bool = True
    margin: float = nan
    proves: bool = False
    is_default: bool = True
    quantity: Quantity = Quantity.SHARE
    lacks: bool = False

    def __post_init__(self) -> None:
        if (self.role is Role.GUARDRAIL) != self.allows(self.margin):
            raise ValueError(
                f"{self.name}: margin == {self.margin}, must be between 0 and "
                f"{self.margin_limit} for a guardrail, and absent for others"
            )

    def allows(self, margin: object) -> bool:
        """Return whether it can be a guardrail with this margin."""
        return isinstance(margin, int | float) and 0 < margin < self.margin_limit

    @property
    def margin_limit(self) -> int:
        """The number below which a margin must be: what falls to 0 is worse by 1."""
        return 1 if self.higher_is_better else LARGEST_MARGIN

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that it is of, the denominator first."""
        names = (self.denominator, self.numerator)
        return tuple(MEASURE[name] for name in names if name in MEASURE)

    @property
    def is_amount(self) -> bool:
        """Whether its numerator is no part of its denominator."""
        return self.quantity is not Quantity.SHARE

    @property
    def title(self) -> str:
        """The metric as a heading."""
        return self.said[0].upper() + self.said[1:]


NOT_LOADED = Metric(
    "not_loaded",
    "pictures served that were not loaded",
    "loaded",
    "served",
    Role.SECONDARY,
    higher_is_better=False,
    proves=True,
    lacks=True,
)
METRICS = (
    Metric("ctr", "clicks per view", "clicks", "views", Role.PRIMARY),
    Metric(
        "watched_ctr",
        "watched clicks per view",
        "watched_clicks",
        "views",
        Role.GUARDRAIL,
        margin=0.05,
    ),
    Metric(
        "picture_bytes",
        "bytes per view",
        PICTURE_BYTES,
        "views",
        Role.GUARDRAIL,
        higher_is_better=False,
        margin=0.5,
        is_default=False,  # a moving picture weighs more than a still by nature
        quantity=Quantity.BYTES,
    ),
    Metric(
        "watched_s",
        "watched seconds per view",
        "watched_ms",
        "views",
        Role.SECONDARY,
        quantity=Quantity.SECONDS,
    ),
    NOT_LOADED,
)
(PRIMARY,) = (metric for metric in METRICS if metric.role is Role.PRIMARY)
GUARDRAILS = tuple(metric for metric in METRICS if metric.role is Role.GUARDRAIL)
# The way to a view, and past it: clicks of all that was served, be it seen or not.
FUNNEL = tuple(
    Metric(f"{measure}_per_{of}", said, measure, whole, Role.SECONDARY, proves=True)
    for measure, whole, of, said in (
        ("loaded", "served", "served", "pictures loaded of those served"),
        ("views", "served", "served", "pictures seen of those served"),
        ("animated", "views", "view", "pictures that moved of those seen"),
        ("clicks", "served", "served", "clicks for each picture served"),
    )
)
_, VIEWS_PER_SERVED, ANIMATED_PER_VIEW, _ = FUNNEL
# Each was told by an event of its own, so many of which an honest error of watched times takes.
WATCHES = Metric("watches", "watches per view", "watched", "views", Role.SECONDARY, proves=True)
USED_MEASURES = tuple(
    dict.fromkeys(m for metric in (*METRICS, WATCHES, *FUNNEL) for m in metric.measures)
)
