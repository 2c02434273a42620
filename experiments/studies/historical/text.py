"""An archive's analysis as text, to be read in a terminal."""

from collections.abc import Sequence

import numpy as np
from tabulate import tabulate

from experiments.analysis.stats.homogeneity import dispersion_to_use
from experiments.analysis.stats.per_video import VideoLifts
from experiments.analysis.stats.results import Estimate
from experiments.studies.historical.analysis import Analysis, Weeks
from experiments.studies.historical.effects import FALSE_SIGNS, Effects
from experiments.studies.historical.reading import Reading
from experiments.studies.historical.records import Archive, monday
from experiments.studies.historical.same_creative import SameCreative
from experiments.studies.historical.windows import Window

SHOWN = 10  # lines of a list; the JSON document holds all


def as_text(reading: Reading, analysis: Analysis) -> str:
    """Return the analysis as lines of text."""
    parts = (_file(reading), _balance(analysis), _error_rate(analysis.same_creative),
             _effects(analysis))  # fmt: skip
    return "\n\n".join("\n".join(lines) for lines in parts) + "\n"


def _file(reading: Reading) -> list[str]:
    archive, columns = reading.archive, reading.columns
    size = (
        f"{_count(reading.rows, 'row')}: {_count(archive.count, 'test')} with "
        f"{_count(len(archive.arms), 'arm')}, "
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
        *_changed(analysis),
        f"  Trusted below: {_count(trusted, 'test')}, with neither a mismatch nor a broken window",
    ]


def _changed(analysis: Analysis) -> list[str]:
    doubtful = int((analysis.changed & analysis.ratios.mismatched).sum())
    if not doubtful:
        return []
    why = f"  In {doubtful:,} of the mismatched the arms' shares change with the day"
    return [f"{why}: where that was meant, name each day's promise by --weight"]


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
    noise = f"  {_noise(found.dispersion)}"
    if found.reason:
        return [head, f"  Nothing to say: {found.reason}", noise]
    rows = [
        (
            what,
            f"{rate.nominal:.0%}",
            f"{rate.rejected:,} of {rate.tested:,}",
            _range(rate.realised),
        )
        for what, rates in (("all arms of a group", found.rates), ("two arms", found.pair_rates))
        for rate in rates
    ]
    return [
        head,
        f"  {found.groups:,} groups of arms, {found.too_few:,} with too few clicks to test",
        *_table(("compared", "nominal", "called different", "realised"), rows),
        noise,
    ]


def _noise(found: Estimate) -> str:
    if found.reason:
        return f"Clicks are taken to vary as a binomial's: {found.reason}"
    used = dispersion_to_use(found)
    return (
        f"Clicks vary {found.value:.2f} times as much as a binomial's ({found.level:.0%} interval "
        f"{found.low:.2f} to {found.high:.2f}); effects are judged with {used:.2f}"
    )


def _effects(analysis: Analysis) -> list[str]:
    found = analysis.effects
    lines = [
        "Effects, arm against its test's control",
        f"  Control: {found.taken}",
        *_left_out(found),
        *_days(found),
    ]
    if not len(found.arm):
        return [*lines, f"  Nothing to say: {found.reason}"]
    if found.lifts is None:
        said = [f"  No verdicts: {found.reason}"]
    else:
        said = _verdicts(found, found.lifts)
    return [*lines, *said, *_largest(analysis.archive, found)]


def _left_out(found: Effects) -> list[str]:
    unknown = int((~found.judged).sum())
    return [
        f"  {_count(count, noun)} {why}"
        for count, noun, why in (
            (found.without_control, "test", "without the control"),
            (found.apart, "pair", "left out: the arms have no day in common"),
            (unknown, "pair", "without a click in either arm: nothing is known of them"),
        )
        if count
    ]


def _days(found: Effects) -> list[str]:
    mixed = int(found.counts.mixed.sum())
    if not mixed:
        return []
    absent = int(found.counts.left_out.sum())
    why = f"  {_count(mixed, 'pair')} with shares that change with the day: compared within days"
    return [f"{why}; {absent:,} impressions on days that one arm lacks are left out"]


def _verdicts(found: Effects, lifts: VideoLifts) -> list[str]:
    declared = lifts.declared(FALSE_SIGNS)
    better, worse = int((declared > 0).sum()), int((declared < 0).sum())
    pairs = (
        f"  {_count(len(found.arm), 'pair')}; the distribution of their log ratios, from "
        f"{found.learnt_from:,} of them, one a test:"
    )
    return [
        pairs,
        f"    mean {_log(lifts.prior.mean)}, spread {_log(lifts.prior.spread)}",
        f"  With at most {FALSE_SIGNS:.0%} wrong signs: {better:,} better, {worse:,} worse",
    ]


def _largest(archive: Archive, found: Effects) -> list[str]:
    """Return a table of the largest raw effects, and what is left of them."""
    headers = ["test", "arm", "control", "raw", "interval"]
    if found.lifts is not None:
        headers += ["shrunk", "interval"]
    place = np.flatnonzero(found.judged)
    order = np.argsort(np.nan_to_num(-found.raw.value[place], nan=np.inf), kind="stable")[:SHOWN]
    rows = [_row(archive, found, pair) for pair in place[order].tolist()]
    return [f"  The largest raw effects ({len(rows)} of {len(place):,}):", *_table(headers, rows)]


def _row(archive: Archive, found: Effects, pair: int) -> list[str]:
    arm, control, raw = found.arm[pair], found.control[pair], found.raw
    value = raw.value[pair]
    cells = [
        archive.names[archive.test[arm]],
        archive.arms[arm],
        archive.arms[control],
        "the control has no clicks" if np.isnan(value) else f"{value:+.1%}",
        _limits(raw.low[pair], raw.high[pair]),
    ]
    lifts = found.lifts
    if lifts is not None:
        cells += [f"{lifts.lift[pair]:+.1%}", _limits(lifts.low[pair], lifts.high[pair])]
    return cells


def _limits(low: float, high: float) -> str:
    return f"{low:+.1%} and above" if np.isinf(high) else f"{low:+.1%} to {high:+.1%}"


def _table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    text = tabulate(rows, headers, tablefmt="plain", disable_numparse=True)
    return [f"  {line}".rstrip() for line in text.splitlines()]


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
    return f"{estimate.value:.4f} ({estimate.low:.4f} to {estimate.high:.4f})"
