"""The health of a report: a light for each thing that could make its numbers unfit to be read."""

from dataclasses import dataclass
from enum import StrEnum
from math import isnan

from experiments.analysis.report import sentences, share_course
from experiments.analysis.report.formatting import p_value, percent, whole
from experiments.analysis.report.not_counted import NotCounted
from experiments.analysis.report.record import Report
from experiments.analysis.report.viewer_facts import seen_elsewhere

FEW_CROSSED = 0.01  # units in two arms; fewer can change no figure by much
ASIDE = "not checked yet: a worker does it aside, from the events"


class State(StrEnum):
    """How a thing stands."""

    GOOD = "good"
    NOTE = "note"  # to be looked at
    BAD = "bad"  # no number can be trusted
    NONE = "none"  # could not be looked at


@dataclass(frozen=True, slots=True)
class Light:
    """One thing that makes a report fit to be read.

    Attributes:
        name: in a few words.
        says: a sentence, or a few words; empty where there is nothing to add.
    """

    name: str
    state: State
    says: str


def vital(report: Report) -> tuple[Light, Light]:
    """Return the lights that a list of experiments shows: red ones take away every verdict."""
    return _shares(report), _clicks(report)


def lights(report: Report) -> tuple[Light, ...]:
    """Return every light."""
    return (
        *vital(report),
        _views(report),
        _one_arm(report),
        _carry_over(report),
        _bots(report.not_counted),
        _overlap(report),
    )


def _shares(report: Report) -> Light:
    course, said = report.share_course, sentences.share_check(report.srm)
    if report.srm.alarm:
        return Light("traffic shares", State.BAD, said)
    if course and course.alarm_on:
        return Light("traffic shares", State.BAD, share_course.said(course))
    if report.srm.reason:
        return Light("traffic shares", State.NONE, said)
    return Light("traffic shares", State.GOOD, "")


def _clicks(report: Report) -> Light:
    if not report.day_count and report.without_crossed is None:
        return Light("clicks arrive", State.NONE, "there is no view yet")
    dead = " ".join(map(sentences.dead_arm, report.dead_arms))
    return Light("clicks arrive", State.BAD if dead else State.GOOD, dead)


def _views(report: Report) -> Light:
    """Return whether arms lose like shares of their pictures before these are seen."""
    found = report.funnel
    if found is None or not any(step.arms for step in found.steps):
        return Light("views arrive alike", State.NONE, "what was served was not recorded")
    if found.unlike and not found.missing:
        arms = ", ".join(line.arm for line in found.unlike)
        said = f"but pictures of {arms} do not move as often: the funnel says what that could do"
        return Light("views arrive alike", State.NOTE, said)
    if not found.missing:
        return Light("views arrive alike", State.GOOD, "")
    arms = ", ".join(line.arm for line in found.missing)
    said = f"not those of {arms}: the funnel says what that could do"
    return Light("views arrive alike", State.NOTE, said)


def _one_arm(report: Report) -> Light:
    found = report.two_way
    if found is None or not found.units:
        return Light("units in one arm", State.NONE, ASIDE)
    if not found.crossed:
        return Light("units in one arm", State.GOOD, f"none of {whole(found.units)} in two")
    share = found.crossed / found.units
    said = f"{whole(found.crossed)} of {whole(found.units)} in two ({percent(share, 1)})"
    return Light("units in one arm", State.NOTE if share > FEW_CROSSED else State.GOOD, said)


def _carry_over(report: Report) -> Light:
    """Return whether what units saw in another arm before is in the figures of this one."""
    name, found = "carry-over", report.two_way
    if found is None or not found.units:
        return Light(name, State.NONE, ASIDE)
    clear = [line.arm for line in report.carry_over if line.is_clear]
    if clear:
        said = f"units that saw another arm before click unlike others in {', '.join(clear)}"
        return Light(name, State.NOTE, f"{said}: look at the report without them")
    tested = [line.p_value for line in report.carry_over if not isnan(line.p_value)]
    if tested:
        return Light(
            name, State.GOOD, f"none is seen (smallest p {p_value(min(tested))}, adjusted)"
        )
    if found.crossed / found.units <= FEW_CROSSED:
        return Light(name, State.GOOD, "hardly a unit saw another arm before")
    said = "units saw another arm before, and too few came back to tell what that does"
    return Light(name, State.NOTE, f"{said}: look at the report without them")


def _bots(found: NotCounted) -> Light:
    """Return how much was left out, as numbers: that nothing was is to be seen, too."""
    said = (
        f"{whole(found.bot_views)} views and {whole(found.bot_clicks)} clicks of bots, and "
        f"{whole(found.duplicates)} repeats left out"
    )
    return Light("bots and repeats", State.GOOD, said)


def _overlap(report: Report) -> Light:
    if report.viewers is None:
        return Light("overlap", State.NONE, ASIDE)
    said = seen_elsewhere(report.viewers)
    return Light("overlap", State.NOTE if said else State.GOOD, said or "with no other experiment")
