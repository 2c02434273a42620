"""All decisions, each with the lift that was expected and the one that its holdback measures.

What is shipped was picked for being ahead, so the sum of what was expected is too large, even less
the luck of each. The holdbacks are drawn anew, and know nothing of the choice: what they measure is
without that bias, and only noisy. So each decision's measured lift is also drawn towards what all
of them say, and clicks gained are added up as they were measured.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import exp, log1p, nan, sqrt

import numpy as np
import scipy

from experiments.analysis.stats.records import LEVEL
from experiments.analysis.stats.results import Estimate
from experiments.analysis.stats.shrunk_effects import FEWEST, shrunk_effects
from experiments.models import Decision, Experiment, ReportSummary
from experiments.serving.decision import said

NOBODY = "nobody is held back"
NOT_YET = "nothing is counted yet"
TOO_FEW = f"fewer than {FEWEST} decisions are measured"
FIGURES = (
    "improvement", "low", "high", "log_ratio_error", "clicks_gained", "clicks_gained_error"
)  # fmt: skip
NOT_KNOWN = Estimate(nan, nan, nan, LEVEL, NOT_YET)


@dataclass(frozen=True, slots=True)
class Gain:
    """One decision, and what came of it.

    Attributes:
        said: what is shipped, and to whom it is not.
        stands: whether it is still shipped.
        verdict: of the experiment, one of the four words; empty where there is none yet.
        expected: the lift expected when it was decided; nan where it was not known.
        measured: the lift over what is held back, with limits that hold at any moment.
        log_ratio_error: the standard error of its log ratio.
        likely: the same, drawn towards what all decisions say.
        clicks: gained so far by all views that saw what is shipped.
    """

    experiment: Experiment
    rollout: Experiment
    choice: str
    said: str
    decided_at: datetime
    stands: bool
    verdict: str
    expected: float
    measured: Estimate
    log_ratio_error: float
    likely: Estimate
    clicks: Estimate


@dataclass(frozen=True, slots=True)
class Total:
    """Many decisions together.

    Attributes:
        measured: how many of the `decisions` have a measured lift.
        expected: mean of the expected lifts of the measured ones; nan where none has one.
        mean: what a decision like these brings; nan where too few are measured.
        clicks: gained by all.
    """

    decisions: int
    measured: int
    expected: float
    mean: Estimate
    clicks: Estimate


def gains() -> list[Gain]:
    """Return every decision, the latest first, in two queries however many there are."""
    made = Decision.objects.select_related(
        "experiment__summary", "rollout__summary"
    ).order_by("-rollout__started_at", "-pk")  # fmt: skip
    return _with_likely([_gain(decision) for decision in made])


def total(found: Sequence[Gain]) -> Total:
    """Add up some decisions."""
    measured = [gain for gain in found if not gain.measured.reason]
    expected = [gain.expected for gain in measured if gain.expected == gain.expected]
    return Total(
        decisions=len(found),
        measured=len(measured),
        expected=float(np.mean(expected)) if expected else nan,
        mean=_mean(measured),
        clicks=_sum(gain.clicks for gain in measured),
    )


def _gain(decision: Decision) -> Gain:
    rollout = decision.rollout
    assert rollout.started_at is not None  # noqa: S101  a rollout is never a draft
    line = _line(rollout) if decision.holdback else None
    reason = "" if line else NOT_YET if decision.holdback else NOBODY
    before: ReportSummary | None = getattr(decision.experiment, "summary", None)
    return Gain(
        experiment=decision.experiment,
        rollout=rollout,
        choice=decision.get_choice_display(),
        said=said(decision),
        decided_at=rollout.started_at,
        stands=rollout.state in Experiment.LIVE_STATES,
        verdict=before.verdict if before else "",
        expected=nan if decision.expected_lift is None else decision.expected_lift,
        measured=Estimate(line["improvement"], line["low"], line["high"], LEVEL)
        if line
        else replace(NOT_KNOWN, reason=reason),
        log_ratio_error=line["log_ratio_error"] if line else nan,
        likely=replace(NOT_KNOWN, reason=reason or TOO_FEW),
        clicks=_clicks(line) if line else replace(NOT_KNOWN, reason=reason),
    )


def _line(rollout: Experiment) -> dict[str, float] | None:
    """Return what the rollout's summary says of what is shipped; None where that is nothing."""
    kept: ReportSummary | None = getattr(rollout, "summary", None)
    known = ("log_ratio_error", "clicks_gained_error", "improvement")
    for line in kept.arms if kept else []:
        if all(line[name] is not None for name in known) and line["improvement"] > -1:
            return {name: nan if line[name] is None else line[name] for name in FIGURES}
    return None


def _clicks(line: dict[str, float]) -> Estimate:
    value = line["clicks_gained"]
    reach = float(scipy.stats.norm.ppf((1 + LEVEL) / 2)) * line["clicks_gained_error"]
    return Estimate(value, value - reach, value + reach, LEVEL)


def _with_likely(found: list[Gain]) -> list[Gain]:
    """Draw the measured lifts towards what all of them say, where they are enough."""
    measured = [gain for gain in found if not gain.measured.reason]
    if len(measured) < FEWEST:
        return found
    drawn = shrunk_effects(*_logs(measured))
    ends = zip(drawn.value, drawn.low, drawn.high, strict=True)
    likely = {
        gain.rollout.pk: _lift(value, low, high)
        for gain, (value, low, high) in zip(measured, ends, strict=True)
    }
    return [replace(gain, likely=likely.get(gain.rollout.pk, gain.likely)) for gain in found]


def _mean(measured: Sequence[Gain]) -> Estimate:
    if len(measured) < FEWEST:
        return replace(NOT_KNOWN, reason=TOO_FEW)
    mean = shrunk_effects(*_logs(measured)).mean
    return _lift(mean.value, mean.low, mean.high)


def _lift(value: float, low: float, high: float) -> Estimate:
    """Return log ratios as lifts."""
    return Estimate(exp(value) - 1, exp(low) - 1, exp(high) - 1, LEVEL)


def _logs(measured: Iterable[Gain]) -> tuple[np.ndarray, np.ndarray]:
    """Return log ratios and their errors, (N,) each."""
    rows = [(log1p(gain.measured.value), gain.log_ratio_error) for gain in measured]
    logs, errors = np.array(rows).T
    return logs, errors


def _sum(clicks: Iterable[Estimate]) -> Estimate:
    """Add up what independent holdbacks measured."""
    found = list(clicks)
    if not found:
        return NOT_KNOWN
    reach = sqrt(sum((each.high - each.value) ** 2 for each in found))
    value = sum(each.value for each in found)
    return Estimate(value, value - reach, value + reach, LEVEL)
