"""An archive's analysis as text, to be read in a terminal."""

from collections.abc import Sequence

import numpy as np

from experiments.analysis.stats.per_video import VideoLifts
from experiments.analysis.stats.results import Estimate
from experiments.studies.historical.analysis import Analysis, Weeks
from experiments.studies.historical.effects import Effects
from experiments.studies.historical.reading import Reading
from experiments.studies.historical.records import Archive, monday
from experiments.studies.historical.same_creative import SameCreative
from experiments.studies.historical.windows import Window

SHOWN = 10  # lines of a list; the JSON document holds all
FALSE_SIGNS = 0.05  # share of wrong signs allowed among the effects declared


def as_text(reading: Reading, analysis: Analysis) -> str:
    """Return the analysis as lines of text."""
    parts = (_file(reading), _balance(analysis), _error_rate(analysis.same_creative),
             _effects(analysis.archive, analysis.effects))  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _file(reading: Reading) -> list[str]:
    archive, columns = reading.archive, reading.columns
    size = (
        f"{reading.rows:,} rows: {archive.count:,} tests with {len(archive.arms):,} arms, "
        f"{archive.impressions.sum():,} impressions, {archive.clicks.sum():,} clicks"
    )
    read = (
        f"Columns: test {columns.test}, arm {columns.arm or 'each row'}, impressions "
        f"{columns.impressions}, clicks {columns.clicks}, date {columns.date or 'none'}, "
        f"weight {columns.weight or 'equal'}, creative {' + '.join(columns.creative) or 'none'}"
    )
    lone = f"One arm alone: {_count(len(reading.lone), 'test')}, {_count(reading.lone_rows, 'row')}"
    return [
        size,
        read,
        *reading.notes,
        *([f"Not read: {', '.join(reading.unused)}"] if reading.unused else []),
        f"Refused: {_count(len(reading.refused), 'row')}",
        *_some([f"row {each.row}: {each.reason}" for each in reading.refused]),
        lone,
        *_some(reading.lone),
    ]


def _balance(analysis: Analysis) -> list[str]:
    ratios = analysis.ratios
    checked, mismatched = int(ratios.checked.sum()), int(ratios.mismatched.sum())
    found = (
        f"  {mismatched:,} of {checked:,} tests mismatched at a false discovery rate of "
        f"{ratios.rate:.0%}; {analysis.archive.count - checked:,} too small to check"
    )
    trusted = int(analysis.trusted.sum())
    return [
        "Sample ratio",
        found,
        *(_weeks(analysis.weeks) if analysis.weeks else ["  No dates: weeks are not checked"]),
        f"  Trusted below: {trusted:,} tests, those with neither a mismatch nor a broken window",
    ]


def _weeks(weeks: Weeks) -> list[str]:
    odd = int(weeks.ratios.mismatched.sum())
    lines = [
        f"  {odd} of {len(weeks.numbers)} weeks mismatched as a whole",
        f"  Windows of weeks in which assignment was broken: {len(weeks.windows) or 'none found'}",
        *(_window(weeks, window) for window in weeks.windows),
    ]
    if weeks.undated:
        lines.append(f"  {_count(weeks.undated, 'test')} without a date, in no week")
    return lines


def _window(weeks: Weeks, window: Window) -> str:
    inside, elsewhere = weeks.within([window]), ~weeks.within(weeks.windows)
    mismatched, others = (
        weeks.mismatched[part].sum() / weeks.tests[part].sum() for part in (inside, elsewhere)
    )
    return (
        f"    weeks of {monday(window.first)} to {monday(window.last)}: {window.tests:,} tests, "
        f"{mismatched:.1%} of them mismatched, {others:.1%} of those outside all windows; "
        f"p = {window.p_value:.3g} over all windows"
    )


def _error_rate(found: SameCreative) -> list[str]:
    head = "The same creative against itself"
    if found.reason:
        return [head, f"  Nothing to say: {found.reason}"]
    rates = [
        f"  at a nominal {rate.nominal:.0%}: {rate.rejected:,} of {len(found.p_values):,} called "
        f"different, {_range(rate.realised)}"
        for rate in found.rates
    ]
    few = f"{found.too_few:,} with too few clicks to test"
    return [head, f"  {found.groups:,} groups of arms, {few}", *rates]


def _effects(archive: Archive, found: Effects) -> list[str]:
    lines = ["Effects, arm against its test's control", f"  Control: {found.taken}"]
    if found.without_control:
        lines.append(f"  {_count(found.without_control, 'test')} without the control")
    if found.lifts is None:
        return [*lines, f"  Nothing to say: {found.reason}"]
    return [*lines, *_lifts(archive, found, found.lifts)]


def _lifts(archive: Archive, found: Effects, lifts: VideoLifts) -> list[str]:
    declared = lifts.declared(FALSE_SIGNS)
    better, worse = int((declared > 0).sum()), int((declared < 0).sum())
    pairs = (
        f"  {len(found.arm):,} pairs; the distribution of their log ratios, from "
        f"{found.learnt_from:,} of them, one a test:"
    )
    largest = np.argsort(np.nan_to_num(-found.raw, nan=np.inf), kind="stable")[:SHOWN]
    return [
        pairs,
        f"    mean {_log(lifts.prior.mean)}, spread {_log(lifts.prior.spread)}",
        f"  With at most {FALSE_SIGNS:.0%} wrong signs: {better:,} better, {worse:,} worse",
        f"  The {len(largest)} largest raw effects, and what is left of them:",
        *(_pair(archive, found, lifts, pair) for pair in largest.tolist()),
    ]


def _pair(archive: Archive, found: Effects, lifts: VideoLifts, pair: int) -> str:
    arm, control = found.arm[pair], found.control[pair]
    return (
        f"    {archive.names[archive.test[arm]]}, {archive.arms[arm]} against "
        f"{archive.arms[control]}: raw {found.raw[pair]:+.1%}, shrunk {lifts.lift[pair]:+.1%} "
        f"({lifts.low[pair]:+.1%} to {lifts.high[pair]:+.1%})"
    )


def _count(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _some(lines: Sequence[str]) -> list[str]:
    more = [f"  and {len(lines) - SHOWN:,} more (--json lists all)"] if len(lines) > SHOWN else []
    return [*(f"  {line}" for line in lines[:SHOWN]), *more]


def _range(estimate: Estimate) -> str:
    return (
        f"{estimate.value:.2%} ({estimate.level:.0%} interval {estimate.low:.2%} to "
        f"{estimate.high:.2%})"
    )


def _log(estimate: Estimate) -> str:
    if estimate.reason:
        return f"{estimate.value:.4f} (interval not defined: {estimate.reason})"
    return f"{estimate.value:.4f} ({estimate.low:.4f} to {estimate.high:.4f})"
