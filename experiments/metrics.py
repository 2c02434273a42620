"""Metrics: each a ratio of two measures, declared once; report, API and pages follow.

What a metric is of is counted by the rollup where experiments/measures.py lists it.
"""

from dataclasses import dataclass
from enum import StrEnum
from math import nan

from experiments.measures import MEASURES, Measure

MEASURE = {measure.name: measure for measure in MEASURES}


class Role(StrEnum):
    """The part of a metric in the decision."""

    PRIMARY = "primary"  # decides
    GUARDRAIL = "guardrail"  # must not become worse by more than its margin
    SECONDARY = "secondary"  # informs


@dataclass(frozen=True, slots=True)
class Metric:
    """One share of impressions, compared as the mean of the videos' shares.

    Attributes:
        name: in documents.
        said: in a sentence, as "clicks per view".
        numerator: the measure of the impressions that have it.
        denominator: the measure of those that could have it, among which they are.
        role: its part in the decision.
        higher_is_better: False where a rise is a change for the worse.
        proves: whether what takes the part has the whole, told or not: what was loaded was served.
        margin: of a guardrail: the relative change for the worse that is accepted, such as 0.05.

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

    def __post_init__(self) -> None:
        if (self.role is Role.GUARDRAIL) != (0 < self.margin < 1):
            raise ValueError(
                f"{self.name}: margin == {self.margin}, must be between 0 and 1 for a guardrail, "
                "and absent for others"
            )

    @property
    def measures(self) -> tuple[Measure, Measure]:
        """Both measures, the denominator first."""
        return MEASURE[self.denominator], MEASURE[self.numerator]

    @property
    def title(self) -> str:
        """The metric as a heading."""
        return self.said[0].upper() + self.said[1:]


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
)
(PRIMARY,) = (metric for metric in METRICS if metric.role is Role.PRIMARY)
GUARDRAILS = tuple(metric for metric in METRICS if metric.role is Role.GUARDRAIL)
# The way to a view, and past it: clicks of all that was served, be it seen or not.
FUNNEL = tuple(
    Metric(f"{measure}_per_served", said, measure, "served", Role.SECONDARY, proves=True)
    for measure, said in (
        ("loaded", "pictures loaded of those served"),
        ("views", "pictures seen of those served"),
        ("clicks", "clicks for each picture served"),
    )
)
VIEWS_PER_SERVED = FUNNEL[1]
USED_MEASURES = tuple(
    dict.fromkeys(measure for metric in (*METRICS, *FUNNEL) for measure in metric.measures)
)
