"""Facts about viewers, computed aside with the two-way error, as records and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import isnan, nan
from typing import Any

from experiments.analysis.report.formatting import (
    interval,
    p_value,
    percent,
    signed_percent,
    whole,
)
from experiments.analysis.stats.results import Estimate
from experiments.models import TwoWayError


@dataclass(frozen=True, slots=True)
class FirstViews:
    """One arm by each viewer's first view of a video alone.

    Attributes:
        units: first views in the videos that count, and `clicks` on them.
        mean_ctr: the mean over videos of their click rate.
        improvement: against the control, with the interval for all arms together; None for the
            control, and where none is compared.
        p_value: adjusted for all arms; nan where there is no improvement.
    """

    arm: str
    units: int
    clicks: int
    mean_ctr: Estimate
    improvement: Estimate | None
    p_value: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """Viewers of the experiment who were seen in another one, too.

    Attributes:
        slug: the other's.
        viewers: in both, `of_viewers` who were seen in this one.
        pairs: of a viewer and a video, in both.
    """

    slug: str
    viewers: int
    of_viewers: int
    pairs: int


@dataclass(frozen=True, slots=True)
class ViewerFacts:
    """Facts about an experiment's viewers.

    Attributes:
        busiest_share: of the views, by the busiest 1 % of the viewers; nan where not known.
        busiest_clicks_share: of the clicks, by the 1 % who click most; nan where not known.
        views_of_pairs: views of a video by a viewer who saw it, on average; nan where not known.
        first_views: a line an arm; none where hardly any view is of one who comes back.
        overlaps: other experiments over some of the videos at the same time.
    """

    busiest_share: float
    busiest_clicks_share: float
    views_of_pairs: float
    first_views: tuple[FirstViews, ...]
    overlaps: tuple[Overlap, ...]


def viewer_facts(found: TwoWayError | None) -> ViewerFacts | None:
    """Return what was computed aside; None before it was."""
    if found is None:
        return None
    return ViewerFacts(
        busiest_share=_number(found.busiest_share),
        busiest_clicks_share=_number(found.busiest_clicks_share),
        views_of_pairs=_number(found.views_of_pairs),
        first_views=tuple(map(_first_views, found.first_views)),
        overlaps=tuple(Overlap(**each) for each in found.overlaps),
    )


def concentration(facts: ViewerFacts | None) -> str:
    """Return how much of the views the busiest viewers make; empty where it is not known."""
    if facts is None or isnan(facts.busiest_share):
        return ""
    said = f"The busiest 1 % of the viewers make {percent(facts.busiest_share, 0)} of the views"
    if isnan(facts.busiest_clicks_share):
        return f"{said}."
    clicks = percent(facts.busiest_clicks_share, 0)
    return f"{said}, and the 1 % who click most make {clicks} of the clicks."


def by_first_views(facts: ViewerFacts | None, *, once: bool) -> str:
    """Return what first views alone say; empty where hardly any viewer comes back.

    Args:
        facts: about the viewers.
        once: whether it is looked at once, for which alone the intervals hold.
    """
    if facts is None or not facts.first_views:
        return ""
    arms = "; ".join(_said(line, once=once) for line in facts.first_views)
    often = f"{facts.views_of_pairs:.2f}"
    return (
        f"A viewer who saw a video saw it {often} times on average. By first views alone, mCTR is: "
        f"{arms}."
    )


def seen_elsewhere(facts: ViewerFacts | None) -> str:
    """Return who was seen in other experiments, too; empty where nobody was."""
    met = [other for other in facts.overlaps if other.viewers] if facts else []
    if not met:
        return ""
    named = "; ".join(map(_met, met))
    return (
        f"Other experiments show the same videos at the same time: {named}. What those show is in "
        "these figures; slices of one layer keep experiments apart."
    )


def _met(other: Overlap) -> str:
    share = percent(other.viewers / max(other.of_viewers, 1), 1)
    return (
        f"{whole(other.viewers)} of {whole(other.of_viewers)} viewers ({share}) were seen in "
        f"{other.slug}, too, {whole(other.pairs)} times with the same video"
    )


def _said(line: FirstViews, *, once: bool) -> str:
    said = f"{line.arm} {percent(line.mean_ctr.value)}"
    change = line.improvement
    if change is None or isnan(change.value):
        return said
    if not once:
        return f"{said}, {signed_percent(change.value)}"
    return (
        f"{said}, {signed_percent(change.value)} ({interval(change, 1, signed=True)}, "
        f"p {p_value(line.p_value)})"
    )


def _first_views(line: Mapping[str, Any]) -> FirstViews:
    improvement = line["improvement"]
    return FirstViews(
        line["arm"],
        line["units"],
        line["clicks"],
        _estimate(line["mean_ctr"]),
        None if improvement is None else _estimate(improvement),
        _number(line["p_value"]),
    )


def _estimate(kept: Mapping[str, Any]) -> Estimate:
    value, low, high = (_number(kept[name]) for name in ("value", "low", "high"))
    return Estimate(value, low, high, kept["level"], kept["reason"])


def _number(kept: float | None) -> float:
    return nan if kept is None else kept
