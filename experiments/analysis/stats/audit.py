"""The false-positive audit: `python -m experiments.analysis.stats.audit`.

Draws experiments whose truth is known, sends each through the engine, and prints how often the
engine was wrong beside what it promised. Seeded: the same seed gives the same table on any number
of processes. Ends with status 1 when a figure is out of its range.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from experiments.analysis.stats.audit_carry_over import CARRIED
from experiments.analysis.stats.audit_cases import (
    Case,
    ChangedShares,
    Covariates,
    DesignCase,
    FewVideos,
    Health,
    HeavyViewers,
    Intervals,
    Lifts,
    SequentialSplit,
    ThreeArms,
)
from experiments.analysis.stats.audit_cuts import CUTS
from experiments.analysis.stats.audit_dead_arm import BEACONS
from experiments.analysis.stats.audit_operator import DailyOperator, PlannedLooks, Season
from experiments.analysis.stats.audit_per_video import GAIN, VERDICTS
from experiments.analysis.stats.audit_skewed import SKEWED, WIDE
from experiments.analysis.stats.audit_watching import WATCHING
from experiments.analysis.stats.proportion import proportion
from experiments.analysis.stats.records import FloatArray
from experiments.analysis.stats.scenarios import Scenario
from experiments.unit import Unit

SEED = 20210202
CHUNK = 50  # repetitions that one process makes in one go
BEGIN, END = "<!-- audit: begin -->", "<!-- audit: end -->"


@dataclass(frozen=True, slots=True)
class Entry:
    """A case in the table.

    Attributes:
        group: heading of its rows.
        name: what sets the case apart.
        low, high: the range in % that its figures must be in.
        coverage: whether the figures are shown as coverage, 100 % minus the misses.
        ranges: of figures that have one of their own, by name.
    """

    group: str
    name: str
    case: Case
    repetitions: int
    low: float
    high: float
    coverage: bool = False
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    def range_of(self, figure: str) -> tuple[float, float]:
        """Return the range in % that one figure must be in."""
        return self.ranges.get(figure, (self.low, self.high))


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table; rates in %, `refused` the share that the engine would not judge."""

    entry: Entry
    figure: str
    rate: float
    error_low: float
    error_high: float
    refused: float

    @property
    def holds(self) -> bool:
        """Whether the rate is in its range; a case always refused makes no promise."""
        low, high = self.entry.range_of(self.figure)
        return bool(np.isnan(self.rate) or low <= self.rate <= high)


def entries(scale: float = 1.0) -> list[Entry]:
    """Return the cases of the audit; `scale` multiplies the repetitions."""
    return [
        replace(e, repetitions=max(int(e.repetitions * scale), 4))
        for e in (
            *(*_nulls(), *_looks(), *_coverage(), *_skewed()),
            *(*_verdicts(), *_rest(), *_later()),
        )
    ]


def run(chosen: list[Entry], processes: int, seed: int = SEED) -> Iterator[Row]:
    """Draw the cases, yielding rows as they are done; one process draws in this one."""
    if processes == 1:
        for number, entry in enumerate(chosen):
            yield from _rows(entry, _repeat(entry.case, [seed, number], 0, entry.repetitions))
        return
    # Fresh processes, of one thread each: more would only wait for one another.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        waiting = [(e, _submit(pool, e, [seed, number])) for number, e in enumerate(chosen)]
        for entry, jobs in waiting:
            yield from _rows(entry, np.vstack([job.result() for job in jobs]))


def _submit(pool: ProcessPoolExecutor, entry: Entry, seed: list[int]) -> list[Future[FloatArray]]:
    starts = range(0, entry.repetitions, CHUNK)
    sizes = [min(CHUNK, entry.repetitions - start) for start in starts]
    return [
        pool.submit(_repeat, entry.case, seed, start, size)
        for start, size in zip(starts, sizes, strict=True)
    ]


def table(rows: list[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = [
        "| what | case | figure | repetitions | realised % | 95 % range | must be | |",
        "|---|---|---|--:|--:|---|---|---|",
    ]
    for row in rows:
        e = row.entry
        refused = f", {row.refused:.0f} % refused" if row.refused >= 0.5 else ""
        rate = "refused" if np.isnan(row.rate) else f"{row.rate:.1f}"
        spread = "" if np.isnan(row.rate) else f"{row.error_low:.1f} to {row.error_high:.1f}"
        least, most = e.range_of(row.figure)
        must = f"at most {most:g}" if least == 0 else f"{least:g} to {most:g}"
        verdict = "ok" if row.holds else "OUT OF RANGE"
        lines.append(
            f"| {e.group} | {e.name} | {row.figure}{refused} | {e.repetitions:,} | {rate} | "
            f"{spread} | {must} | {verdict} |"
        )
    return "\n".join(lines)


def write_into(path: Path, text: str) -> None:
    """Put the table between the markers of a document, in place of the last one."""
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise SystemExit(f"{path} has no {BEGIN} … {END}: add the markers where the table goes")
    path.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Run the audit and print its table; return 0 when every figure is in its range."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.analysis.stats.audit", description=__doc__
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the repetitions")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--into", type=Path, help="document whose table is replaced")
    options = parser.parse_args(arguments)
    began, rows = time.monotonic(), []
    for row in run(entries(options.scale), options.processes, options.seed):
        rows.append(row)
        done = f"{time.monotonic() - began:5.0f} s  {row.entry.group}: {row.entry.name}"
        print(f"{done}, {row.figure}", file=sys.stderr)
    text = table(rows)
    out = [row for row in rows if not row.holds]
    took = time.monotonic() - began
    print(f"{text}\n\n{len(rows)} figures, {len(out)} out of range, {took:.0f} s.")
    if options.into:
        write_into(options.into, text)
    return 1 if out else 0


def _nulls() -> list[Entry]:
    out = []
    for unit in (Unit.VIEWER, Unit.VIEWER_VIDEO, Unit.IMPRESSION, Unit.VIDEO):
        for spread, null in ((0.0, "sharp"), (0.25, "heterogeneous")):
            case = DesignCase(Scenario(unit, effect_spread=spread))
            out.append(Entry("false positives", f"{unit.value}, {null}", case, 2000, 3.5, 6.5))
    by_video = Scenario(Unit.VIEWER_VIDEO, videos=200, viewer_spread=0.0, effect_spread=0.25)
    three = _with(by_video, rates=(0.04,) * 3, weights=(0.5, 0.3, 0.2), views=600.0)
    out.append(Entry("false positives", "any of 2 comparisons", ThreeArms(three), 2000, 3.0, 6.5))
    health = Health(_with(by_video, rates=(0.04, 0.036), effect_spread=0.0, views=400.0))
    out.append(Entry("false positives", "health and guardrails", health, 2000, 3.5, 6.5))
    return [*out, *_heavy_viewers(), *_few_videos(), *_changed_shares()]


def _heavy_viewers() -> list[Entry]:
    """Return nulls in which few viewers make many of the views, or there are few viewers."""
    named = {
        "top 1 % makes 13 %": Scenario(Unit.VIEWER_VIDEO, activity_spread=1.2, effect_spread=0.5),
        "top 1 % makes 44 %": Scenario(Unit.VIEWER_VIDEO, activity_spread=2.0, effect_spread=0.5),
        "60 viewers": Scenario(Unit.VIEWER_VIDEO, viewers=60, effect_spread=0.5),
    }
    return [
        Entry("unequal viewers", name, HeavyViewers(scenario), 2000, 3.0, 6.5)
        for name, scenario in named.items()
    ]


def _few_videos() -> list[Entry]:
    """Return nulls of few videos, where the viewers are the sample."""
    out = []
    for unit, videos in product((Unit.VIEWER_VIDEO, Unit.VIEWER), (1, 2, 3, 5, 10, 20)):
        scenario = Scenario(unit, videos=videos, viewers=2000, views=2000.0)
        name = f"{unit.value}, {videos} video{'s' * (videos > 1)}"
        out.append(Entry("few videos", name, FewVideos(scenario), 2000, 3.5, 6.5))
    return out


def _changed_shares() -> list[Entry]:
    """Return nulls in which the weights change while click rates drift."""
    third = (1 / 3, 1 / 3, 1 / 3)
    patterns = {
        "50 -> 80 %": ((0.5, 0.5), (0.2, 0.8)),
        "50 -> 90 %": ((0.5, 0.5), (0.1, 0.9)),
        "three phases": ((0.95, 0.05), (0.5, 0.5), (0.2, 0.8)),
        "dropped arm": (third, (0.5, 0.5, 0.0)),
    }
    out = []
    for (name, shares), drift, size in product(
        patterns.items(), (1.05, 1.1, 1.3), ((400, 400.0), (981, 3600.0))
    ):
        scenario = Scenario(
            Unit.VIEWER_VIDEO,
            rates=(0.05,) * len(shares[0]),
            videos=size[0],
            views=size[1],
            viewer_spread=0.0,
        )
        label = f"{name}, +{drift - 1:.0%}, {size[0]} x {size[1]:.0f}"
        case = ChangedShares(scenario, shares, drift)
        out.append(Entry("shares that change", label, case, 2000, 3.5, 6.5))
    return out


def _looks() -> list[Entry]:
    day = Scenario(Unit.VIEWER_VIDEO, videos=100, views=40.0, viewer_spread=0.0, effect_spread=0.25)
    three = _with(day, rates=(0.04,) * 3, weights=(1 / 3,) * 3)
    lives = {
        "two arms": (day, Season()),
        "three arms": (three, Season()),
        "videos join, rates swing": (day, Season(swing=0.3, joining=0.5)),
        "traffic grows 50 times": (_with(day, views=8.0), Season(growth=50.0)),
    }
    out = [
        Entry("ends at the first winner", name, DailyOperator(*life), 1500, 0, 5)
        for name, life in lives.items()
    ]
    out += [
        Entry("4 planned looks", name, PlannedLooks(*lives[name], 4), 1000, 3.0, 6.5)
        for name in ("two arms", "traffic grows 50 times")
    ]
    return [*out, Entry("28 looks", "fair split", SequentialSplit(), 1000, 0, 5)]


def _coverage() -> list[Entry]:
    lifted = Scenario(
        Unit.VIEWER_VIDEO,
        rates=(0.04, 0.048, 0.055),
        weights=(0.4, 0.3, 0.3),
        videos=400,
        views=300.0,
        viewer_spread=0.0,
        effect_spread=0.25,
    )
    tiny = (0.001, 0.0012, 0.0014)
    uneven = (0.9, 0.05, 0.05)
    named = {
        "400 videos": lifted,
        "arms 90 / 5 / 5": _with(lifted, weights=uneven, views=2000.0),
        "rates of 0.1 %": _with(lifted, rates=tiny, views=3000.0),
        "50 videos": _with(lifted, videos=50),
        "50 videos, 0.1 %": _with(lifted, videos=50, rates=tiny, views=6000.0),
        "50 videos, 0.1 %, 90 / 5 / 5": _with(
            lifted, videos=50, rates=tiny, weights=uneven, views=20_000.0
        ),
        "50 videos, 0.1 %, 8 clicks an arm": _with(
            lifted, videos=50, rates=tiny, weights=uneven, views=2000.0
        ),
    }
    out = [_covered(name, Intervals(s), 2000) for name, s in named.items()]
    for unit in (Unit.VIEWER, Unit.VIEWER_VIDEO, Unit.IMPRESSION):
        two = Scenario(unit, rates=(0.04, 0.055), effect_spread=0.25)
        out.append(_covered(f"two-way, {unit.value}", Intervals(two, with_sums=True), 2000))
    out += [_covered(f"{v} videos", Covariates(v), 2000) for v in (50, 400)]
    out.append(_covered("400 videos, 300 views", Lifts(400, 300.0), 600))
    out.append(_covered("1,200 videos, 60 views", Lifts(1200, 60.0), 1200))
    return out


def _skewed() -> list[Entry]:
    return [
        replace(_covered(name, case, 3000), group="coverage, skewed", ranges=WIDE)
        for name, case in SKEWED.items()
    ]


def _verdicts() -> list[Entry]:
    return [
        Entry("verdicts", name, case, repetitions, *GAIN, ranges=case.ranges(repetitions))
        for name, (case, repetitions) in VERDICTS.items()
    ]


def _rest() -> list[Entry]:
    dead = [Entry("dead arms", name, case, 4000, *of) for name, (case, of) in BEACONS.items()]
    return [*dead, *(Entry("cuts", name, case, 600, 1, 7.5) for name, case in CUTS.items())]


def _later() -> list[Entry]:
    watching = [Entry("watching", name, case, 1000, *of) for name, (case, of) in WATCHING.items()]
    carried = [Entry("carry-over", name, case, 1000, *of) for name, (case, of) in CARRIED.items()]
    return [*watching, *carried]


def _covered(name: str, case: Case, repetitions: int) -> Entry:
    return Entry("coverage", name, case, repetitions, 93.5, 96.5, coverage=True)


def _with(scenario: Scenario, **changes: object) -> Scenario:
    return replace(scenario, **changes)  # type: ignore[arg-type]


def _repeat(case: Case, seed: list[int], start: int, size: int) -> FloatArray:
    """Return the figures of some repetitions, (size, F); each has a generator of its own."""
    return np.array([case(np.random.default_rng([*seed, start + i])) for i in range(size)])


def _rows(entry: Entry, wrong: FloatArray) -> Iterator[Row]:
    for column, figure in enumerate(entry.case.figures):
        values = wrong[:, column]
        known = values[~np.isnan(values)]
        refused = 100 * (1 - known.size / values.size)
        if not known.size:
            yield Row(entry, figure, np.nan, np.nan, np.nan, refused)
            continue
        rate, low, high = _mean(known)
        if entry.coverage:
            rate, low, high = 1 - rate, 1 - high, 1 - low
        yield Row(entry, figure, 100 * rate, 100 * low, 100 * high, refused)


def _mean(values: FloatArray) -> tuple[float, float, float]:
    """Return the mean of figures with its 95 % interval: Wilson's where they say yes or no."""
    if np.all((values == 0) | (values == 1)):
        share = proportion(int(values.sum()), values.size)
        return share.value, share.low, share.high
    mean, half = float(values.mean()), 1.96 * float(values.std() / np.sqrt(values.size))
    return mean, mean - half, mean + half


if __name__ == "__main__":
    sys.exit(main())
