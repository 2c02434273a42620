"""An archive's analysis as values that JSON can hold; what is not defined is null.

    {"file": {"rows", "tests", "arms", "impressions", "clicks", "columns", "unused",
              "notes": [sentence], "refused": [{"row", "reason"}], "lone": [test], "lone_rows"},
     "balance": {"rate", "checked", "mismatched", "trusted"},
     "weeks": null | {"undated", "windows": [{"first", "last", "tests", "p_value"}],
                      "weeks": [{"monday", "tests", "mismatched", "p_value", "adjusted"}]},
     "same_creative": {"groups", "too_few", "reason",
                       "rates": [{"nominal", "rejected", "realised"}]},
     "effects": {"reason", "control", "learnt_from", "without_control", "mean", "spread"},
     "tests": [{"test", "began", "p_value", "adjusted", "in_window", "trusted",
                "arms": [{"arm", "impressions", "clicks",
                          "effect": null | {"control", "raw", "shrunk", "low", "high", "better",
                                            "false_discovery"}}]}]}

The weeks of a window, first and last, are given by their Mondays, and both are within.
"""

import json
from math import isfinite
from typing import Any

import numpy as np

from experiments.analysis.stats.results import Estimate
from experiments.studies.historical.analysis import Analysis, Weeks
from experiments.studies.historical.effects import Effects
from experiments.studies.historical.reading import Reading
from experiments.studies.historical.records import Archive, monday
from experiments.studies.historical.same_creative import SameCreative

Document = dict[str, Any]


def as_json(reading: Reading, analysis: Analysis) -> str:
    """Return the document as one line of JSON."""
    return json.dumps(as_document(reading, analysis), allow_nan=False) + "\n"


def as_document(reading: Reading, analysis: Analysis) -> Document:
    """Return the analysis as plain values; the shape is that of this module's docstring."""
    ratios, lifts = analysis.ratios, analysis.effects.lifts
    return {
        "file": _file(reading),
        "balance": {
            "rate": ratios.rate,
            "checked": int(ratios.checked.sum()),
            "mismatched": int(ratios.mismatched.sum()),
            "trusted": int(analysis.trusted.sum()),
        },
        "weeks": _weeks(analysis.weeks) if analysis.weeks else None,
        "same_creative": _same_creative(analysis.same_creative),
        "effects": {
            "reason": analysis.effects.reason,
            "control": analysis.effects.taken,
            "learnt_from": analysis.effects.learnt_from,
            "without_control": analysis.effects.without_control,
            "mean": _estimate(lifts.prior.mean) if lifts else None,
            "spread": _estimate(lifts.prior.spread) if lifts else None,
        },
        "tests": _tests(analysis),
    }


def _file(reading: Reading) -> Document:
    archive = reading.archive
    return {
        "rows": reading.rows,
        "tests": archive.count,
        "arms": len(archive.arms),
        "impressions": int(archive.impressions.sum()),
        "clicks": int(archive.clicks.sum()),
        "columns": reading.columns.used,
        "unused": list(reading.unused),
        "notes": list(reading.notes),
        "refused": [{"row": each.row, "reason": each.reason} for each in reading.refused],
        "lone": list(reading.lone),
        "lone_rows": reading.lone_rows,
    }


def _weeks(weeks: Weeks) -> Document:
    return {
        "undated": weeks.undated,
        "windows": [
            {
                "first": str(monday(window.first)),
                "last": str(monday(window.last)),
                "tests": window.tests,
                "p_value": window.p_value,
            }
            for window in weeks.windows
        ],
        "weeks": [
            {
                "monday": str(monday(number)),
                "tests": tests,
                "mismatched": mismatched,
                "p_value": _number(p_value),
                "adjusted": _number(adjusted),
            }
            for number, tests, mismatched, p_value, adjusted in zip(
                weeks.numbers.tolist(),
                weeks.tests.tolist(),
                weeks.mismatched.tolist(),
                weeks.ratios.p_values.tolist(),
                weeks.ratios.adjusted.tolist(),
                strict=True,
            )
        ],
    }


def _same_creative(found: SameCreative) -> Document:
    return {
        "groups": found.groups,
        "too_few": found.too_few,
        "reason": found.reason,
        "rates": [
            {
                "nominal": rate.nominal,
                "rejected": rate.rejected,
                "realised": _estimate(rate.realised),
            }
            for rate in found.rates
        ],
    }


def _tests(analysis: Analysis) -> list[Document]:
    archive, ratios = analysis.archive, analysis.ratios
    arms = _arms(archive, analysis.effects)
    ends = [*archive.first_arm().tolist(), len(arms)]
    return [
        {
            "test": name,
            "began": None if np.isnat(began) else str(began),
            "p_value": _number(p_value),
            "adjusted": _number(adjusted),
            "in_window": in_window,
            "trusted": trusted,
            "arms": arms[start:end],
        }
        for name, began, p_value, adjusted, in_window, trusted, start, end in zip(
            archive.names,
            archive.began,
            ratios.p_values.tolist(),
            ratios.adjusted.tolist(),
            analysis.in_window.tolist(),
            analysis.trusted.tolist(),
            ends[:-1],
            ends[1:],
            strict=True,
        )
    ]


def _arms(archive: Archive, found: Effects) -> list[Document]:
    of_arm = _effect_of_arm(archive, found)
    return [
        {"arm": arm, "impressions": impressions, "clicks": clicks, "effect": of_arm.get(place)}
        for place, (arm, impressions, clicks) in enumerate(
            zip(archive.arms, archive.impressions.tolist(), archive.clicks.tolist(), strict=True)
        )
    ]


def _effect_of_arm(archive: Archive, found: Effects) -> dict[int, Document]:
    lifts = found.lifts
    if lifts is None:
        return {}
    columns = zip(
        found.arm.tolist(), found.control.tolist(), found.raw.tolist(), lifts.lift.tolist(),
        lifts.low.tolist(), lifts.high.tolist(), lifts.better.tolist(),
        lifts.false_discovery.tolist(), strict=True,
    )  # fmt: skip
    return {
        arm: {
            "control": archive.arms[control],
            "raw": _number(raw),
            "shrunk": lift,
            "low": low,
            "high": high,
            "better": better,
            "false_discovery": false_discovery,
        }
        for arm, control, raw, lift, low, high, better, false_discovery in columns
    }


def _estimate(estimate: Estimate) -> Document:
    return {
        "value": _number(estimate.value),
        "low": _number(estimate.low),
        "high": _number(estimate.high),
        "level": estimate.level,
        "reason": estimate.reason,
    }


def _number(value: float) -> float | None:
    return value if isfinite(value) else None
