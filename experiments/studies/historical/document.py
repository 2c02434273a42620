"""An archive's analysis as JSON; what is not defined is null, with a reason beside it.

    {"file": {"rows", "tests", "arms", "impressions", "clicks", "columns", "unused", "notes",
              "refused": [{"row", "reason"}], "lone": [test], "lone_rows"},
     "balance": {"rate", "checked", "mismatched", "trusted", "shares_change"},
     "weeks": null | {"undated", "windows": [{"first", "last", "tests", "p_value"}],
                      "weeks": [{"monday", "tests", "mismatched", "p_value", "adjusted"}]},
     "same_creative": {"groups", "too_few", "rates": [rate], "pair_rates": [rate], "dispersion",
                       "reason"}, a rate {"nominal", "rejected", "tested", "realised"},
     "effects": {"reason", "control", "learnt_from", "without_control", "no_day_in_common",
                 "noise", "mean", "spread"},
     "tests": [{"test", "began", "p_value", "adjusted", "in_window", "trusted",
                "arms": [{"arm", "impressions", "clicks", "effect": null | effect}]}]}

with an effect {"control", "mix_of_days", "raw", "raw_low", "raw_high", "reason"} and, where enough
tests were learnt from, {"shrunk", "low", "high", "better", "worse", "false_discovery", "verdict"}.
Estimates are {"value", "low", "high", "level", "reason"}. The weeks of a window, first and last,
are given by their Mondays, and both are within.
"""

from collections.abc import Iterable
from itertools import pairwise
from math import isnan
from typing import Any

import msgspec
import numpy as np

from experiments.analysis.stats.homogeneity import dispersion_to_use
from experiments.studies.historical.analysis import Analysis, Weeks
from experiments.studies.historical.effects import FALSE_SIGNS, Effects
from experiments.studies.historical.reading import Reading
from experiments.studies.historical.records import monday

Document = dict[str, Any]
VERDICTS = {1: "better", 0: None, -1: "worse"}


def as_json(reading: Reading, analysis: Analysis) -> str:
    """Return the document as one line, in which msgspec writes nan and infinity as null."""
    ratios = analysis.ratios
    document = {
        "file": _file(reading),
        "balance": {
            "rate": ratios.rate,
            "checked": int(ratios.checked.sum()),
            "mismatched": int(ratios.mismatched.sum()),
            "trusted": int(analysis.trusted.sum()),
            "shares_change": int(analysis.changed.sum()),
        },
        "weeks": _weeks(analysis.weeks) if analysis.weeks else None,
        "same_creative": analysis.same_creative,
        "effects": _effects(analysis),
        "tests": _tests(analysis),
    }
    return msgspec.json.encode(document).decode() + "\n"


def _file(reading: Reading) -> Document:
    archive = reading.archive
    return {
        "rows": reading.rows,
        "tests": archive.count,
        "arms": len(archive.arms),
        "impressions": int(archive.impressions.sum()),
        "clicks": int(archive.clicks.sum()),
        "columns": reading.columns.used,
        "unused": reading.unused,
        "notes": reading.notes,
        "refused": reading.refused,
        "lone": reading.lone,
        "lone_rows": reading.lone_rows,
    }


def _weeks(weeks: Weeks) -> Document:
    return {
        "undated": weeks.undated,
        "windows": _records(
            first=[str(monday(window.first)) for window in weeks.windows],
            last=[str(monday(window.last)) for window in weeks.windows],
            tests=[window.tests for window in weeks.windows],
            p_value=[window.p_value for window in weeks.windows],
        ),
        "weeks": _records(
            monday=[str(monday(number)) for number in weeks.numbers.tolist()],
            tests=weeks.tests,
            mismatched=weeks.mismatched,
            p_value=weeks.ratios.p_values,
            adjusted=weeks.ratios.adjusted,
        ),
    }


def _effects(analysis: Analysis) -> Document:
    found = analysis.effects
    prior = found.lifts.prior if found.lifts else None
    return {
        "reason": found.reason,
        "control": found.taken,
        "learnt_from": found.learnt_from,
        "without_control": found.without_control,
        "no_day_in_common": found.apart,
        "noise": dispersion_to_use(analysis.same_creative.dispersion),
        "mean": prior and prior.mean,
        "spread": prior and prior.spread,
    }


def _tests(analysis: Analysis) -> list[Document]:
    archive, found = analysis.archive, analysis.effects
    effects: list[Document | None] = [None] * len(archive.arms)
    for place, effect in zip(found.arm.tolist(), _each_effect(analysis), strict=True):
        effects[place] = effect
    arms = _records(
        arm=archive.arms, impressions=archive.impressions, clicks=archive.clicks, effect=effects
    )
    ends = [*archive.first_arm().tolist(), len(arms)]
    return _records(
        test=archive.names,
        began=archive.began,
        p_value=analysis.ratios.p_values,
        adjusted=analysis.ratios.adjusted,
        in_window=analysis.in_window,
        trusted=analysis.trusted,
        arms=[arms[start:end] for start, end in pairwise(ends)],
    )


def _each_effect(analysis: Analysis) -> list[Document]:
    found, raw = analysis.effects, analysis.effects.raw
    return _records(
        control=[analysis.archive.arms[place] for place in found.control.tolist()],
        mix_of_days=found.counts.mixed,
        raw=raw.value,
        raw_low=raw.low,
        raw_high=raw.high,
        reason=[_reason(*each) for each in zip(raw.value, raw.low, strict=True)],
        **_shrunk(found),
    )


def _shrunk(found: Effects) -> dict[str, Iterable[Any]]:
    lifts = found.lifts
    if lifts is None:
        return {}
    figures = {
        "shrunk": lifts.lift,
        "low": lifts.low,
        "high": lifts.high,
        "better": lifts.better,
        "worse": lifts.worse,
        "false_discovery": lifts.false_discovery,
    }
    known = {name: np.where(found.judged, figure, np.nan) for name, figure in figures.items()}
    return {**known, "verdict": [VERDICTS[sign] for sign in lifts.declared(FALSE_SIGNS).tolist()]}


def _reason(value: float, low: float) -> str:
    if isnan(low):
        return "neither arm has clicks"
    return "the control has no clicks" if isnan(value) else ""


def _records(**columns: Iterable[Any]) -> list[Document]:
    """Return a document for each row of columns of one length, arrays or lists."""
    values = (c.tolist() if isinstance(c, np.ndarray) else c for c in columns.values())
    return [dict(zip(columns, row, strict=True)) for row in zip(*values, strict=True)]
