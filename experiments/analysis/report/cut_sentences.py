"""Sentences about cuts, the same in text, pages and documents."""

from collections.abc import Sequence
from math import isnan

from experiments.analysis.report.cuts import CutResult, Cuts, CutSlice, FadingArm, SliceArm
from experiments.analysis.report.formatting import (
    UNDEFINED,
    interval,
    p_value,
    signed_percent,
    whole,
)
from experiments.analysis.site_days import site_minute

NOT_COMPUTED = (
    "The cuts by hour, place, device and number of views are not computed yet. They come by "
    "themselves, within ten minutes of the first counts. They need the events themselves: an "
    "archive of counts has none."
)
CLEAR = 0.05
FEW_SLICES = "Fewer than two slices have enough clicks to be told apart: more traffic will tell."


def about(cuts: Cuts) -> str:
    """Return of what the cuts are, when they were computed and how their tests are adjusted."""
    tests = sum(not isnan(t.p_value) for cut in cuts.cuts for t in cut.interactions)
    of = f"all {whole(cuts.views)} views"
    if cuts.views < cuts.of_views:
        of = f"{whole(cuts.views)} of {whole(cuts.of_views)} views, by viewers picked at random"
    older = "" if cuts.current else ", before the latest counts"
    return (
        f"Computed at {site_minute(cuts.made_at)} from {of}{older}; hours are of "
        f"{cuts.time_zone}. Every view counts alike here. Who cuts often finds something by "
        f"chance: the {tests} tests of whether slices differ are adjusted for one another (Holm), "
        "and every interval holds for all slices of its cut. A cut decides nothing: it says where "
        "to look next."
    )


def interactions(cut: CutResult) -> list[str]:
    """Return the arms whose effect differs between the slices of a cut, or that none does."""
    tested = [test for test in cut.interactions if not isnan(test.p_value)]
    if not tested:
        return [FEW_SLICES]
    clear = [
        _differs(cut, place)
        for place, test in enumerate(cut.interactions)
        if test.p_value_adjusted < CLEAR
    ]
    least = min(test.p_value_adjusted for test in tested)
    alike = (
        "No arm's lift differs between slices more than chance lets it (smallest p "
        f"{p_value(least)}): read the lift over all views."
    )
    return clear or [alike]


def _differs(cut: CutResult, place: int) -> str:
    test = cut.interactions[place]
    odd = min(cut.slices, key=lambda part: _p_value(part.arms[place + 1]))
    line = odd.arms[place + 1]
    more = line.apart is not None and line.apart.value > 0
    return (
        f"{test.arm}: its lift differs between slices (p {p_value(test.p_value_adjusted)}). It is "
        f"{'higher' if more else 'lower'} in the slice “{odd.said}”: {_lift(line)}."
    )


def _p_value(line: SliceArm) -> float:
    return 2.0 if isnan(line.apart_p_value) else line.apart_p_value


def _lift(line: SliceArm) -> str:
    if line.lift is None or isnan(line.lift.low):
        return UNDEFINED
    return f"{signed_percent(line.lift.value)} ({interval(line.lift, 1, signed=True)})"


def fading(line: FadingArm) -> str:
    """Return whether an arm's effect fades as a viewer has seen more, and what it comes to."""
    steady = line.steady
    if isnan(line.p_value):
        why = steady.reason or "nothing can be said yet"
        return f"{line.arm}: whether its lift fades cannot be told: {why}."
    said = f"{signed_percent(steady.value)} ({interval(steady, 1, signed=True)})"
    if not line.p_value < CLEAR:
        return (
            f"{line.arm}: no sign that its lift changes as viewers see more "
            f"(p {p_value(line.p_value)}); in the long run it would be {said}."
        )
    way = "fades" if line.fade.value > 0 else "grows"
    return (
        f"{line.arm}: its lift {way} as viewers see more (p {p_value(line.p_value)}); in the long "
        f"run it would be {said}. Count on that one, not on the lift so far."
    )


def only(cuts: Cuts, cut: CutResult, part: CutSlice) -> str:
    """Return what a filter leaves."""
    views = sum(line.views for line in part.arms)
    return (
        f"Only {cut.title.lower()}: {part.said}. These are {whole(views)} of {whole(cuts.views)} "
        f"views; the interval holds for all {len(cut.slices)} slices of this kind together. The "
        "figures of this panel alone are filtered; all others on this page are of all views: "
        "which videos count, guardrails and bands need counts that know no slices."
    )


def not_together(titles: Sequence[str]) -> str:
    """Return that two cuts were not made at once, and which were."""
    pairs = "; ".join(titles) or "none yet, they come with the next computation"
    return f"These two are not kept together. What can be looked at together: {pairs}."


def all_said(cuts: Cuts | None) -> list[str]:
    """Return every sentence, a cut after the other; none before they were computed."""
    if cuts is None:
        return []
    said = [about(cuts)]
    for cut in cuts.cuts:
        said += [f"{cut.title}: {line}" for line in interactions(cut)]
        said += [f"Novelty: {line}" for line in map(fading, cut.fading)]
    return said
