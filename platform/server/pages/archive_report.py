"""An archive of old tests as a page lays it out: health, the error on same pictures, winners."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.analysis.report.formatting import interval, percent, signed_percent, whole
from experiments.analysis.stats.per_video import VideoLifts
from experiments.analysis.stats.results import Estimate
from experiments.studies.historical.analysis import Analysis, Weeks
from experiments.studies.historical.effects import FALSE_SIGNS, Effects
from experiments.studies.historical.records import monday

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Pair:
    """An arm against its test's control, in words."""

    test: str
    arm: str
    control: str
    raw: str
    lift: str
    limits: str
    better: str


def of_archive(analysis: Analysis) -> dict[str, Any]:
    """Return what the page shows beside its charts."""
    found = analysis.effects
    declared = found.lifts.declared(FALSE_SIGNS) if found.lifts else np.zeros(0, int)
    return {
        "headline": _headline(analysis, int((declared > 0).sum()), int((declared < 0).sum())),
        "shares": _shares(analysis),
        "windows": list(_windows(analysis.weeks)) if analysis.weeks else [],
        "errors": list(_errors(analysis)),
        "no_errors": analysis.same_creative.reason,
        "extremes": [
            (heading, _pairs(analysis, found.lifts, declared, sign) if found.lifts else [])
            for heading, sign in (("Surest winners", 1), ("Surest losers", -1))
        ],
        "no_effects": found.reason,
        "taken": found.taken,
    }


def _headline(analysis: Analysis, better: int, worse: int) -> str:
    tests, trusted = analysis.archive.count, int(analysis.trusted.sum())
    said = f"{whole(tests)} tests, of which {whole(trusted)} can be trusted."
    if analysis.effects.lifts is None:
        return said
    return (
        f"{said} Among their arms {whole(better)} are better than the control and {whole(worse)} "
        f"worse; at most {percent(FALSE_SIGNS, 0)} of these signs are expected to be wrong."
    )


def _shares(analysis: Analysis) -> str:
    checked, wrong = int(analysis.ratios.checked.sum()), int(analysis.ratios.mismatched.sum())
    small = analysis.archive.count - checked
    return (
        f"In {whole(wrong)} of {whole(checked)} tests the arms did not get their share; "
        f"{whole(small)} are too small to check."
    )


def _windows(weeks: Weeks) -> Iterator[tuple[str, str, str, str]]:
    """Yield each run of weeks in which assignment was broken: from, to, tests, mismatched."""
    for window in weeks.windows:
        inside = weeks.within([window])
        share = float(weeks.mismatched[inside].sum() / weeks.tests[inside].sum())
        ends = str(monday(window.first)), str(monday(window.last))
        yield *ends, whole(window.tests), percent(share, 1)


def _errors(analysis: Analysis) -> Iterator[tuple[str, str, str, str]]:
    """Yield how often a test of a picture against itself called a difference."""
    found = analysis.same_creative
    for compared, rates in (("all arms together", found.rates), ("two arms", found.pair_rates)):
        for rate in rates:
            called = f"{whole(rate.rejected)} of {whole(rate.tested)}"
            realised = f"{percent(rate.realised.value)} ({interval(rate.realised)})"
            yield compared, percent(rate.nominal, 0), called, realised


def _pairs(analysis: Analysis, lifts: VideoLifts, declared: np.ndarray, sign: int) -> list[Pair]:
    """Return the surest effects of one sign."""
    found = np.flatnonzero(declared == sign)
    chance = lifts.better if sign > 0 else lifts.worse
    surest = found[np.argsort(-chance[found], kind="stable")][:MOST_SHOWN]
    return [_pair(analysis, analysis.effects, lifts, place) for place in surest.tolist()]


def _pair(analysis: Analysis, found: Effects, lifts: VideoLifts, place: int) -> Pair:
    archive, arm, control = analysis.archive, found.arm[place], found.control[place]
    limits = Estimate(lifts.lift[place], lifts.low[place], lifts.high[place], lifts.level)
    return Pair(
        test=archive.names[archive.test[arm]],
        arm=archive.arms[arm],
        control=archive.arms[control],
        raw=signed_percent(float(found.raw.value[place])),
        lift=signed_percent(float(limits.value)),
        limits=interval(limits, 1, signed=True),
        better=percent(float(lifts.better[place]), 1),
    )
