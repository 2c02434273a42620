"""The error by viewer and video at once, of a study too large to ask for it on every visit.

It needs the sums by viewer, video and arm: nearly one for each impression. The events are read once
and divided by viewer (viewer_parts.py), and summed part by part, so that memory stays small. What
comes out is kept with the watermark of the counts, and reports show it with that. The sums are not
kept: they would be a second copy of the events, with all that a viewer may ask to be forgotten.
"""

import time
from collections.abc import Iterator, Mapping

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from experiments.advisory_locks import TWO_WAY_LOCK
from experiments.analysis import kept_counts, queries
from experiments.analysis.carry_over import CarryOverTally
from experiments.analysis.cuts.compute import CutTally
from experiments.analysis.first_views import first_views
from experiments.analysis.layout import Layout
from experiments.analysis.realised_errors import kept_errors
from experiments.analysis.stats.coded_sums import CodedSums
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import compared, estimate
from experiments.analysis.stats.inclusion import least_views
from experiments.analysis.stats.records import StratifiedCounts
from experiments.analysis.stats.results import ArmMeans, Comparison, Estimate, Method, Scope
from experiments.analysis.stats.standardise import Columns, joined
from experiments.analysis.stats.two_way import FEW_VIDEOS, inflation, two_way_mean_ctr
from experiments.analysis.stats.unit_noise import UnitNoise
from experiments.analysis.viewer_course import CourseTally
from experiments.analysis.viewer_parts import ViewerParts, viewer_parts
from experiments.analysis.viewers import ViewerTally, others_of
from experiments.events.archived_days import archived_days_of, refuse_archived
from experiments.models import Experiment, TwoWayError
from experiments.unit import Unit

VIEWS_A_PART = 500_000  # so that a part takes some hundred megabytes
MOST_PARTS = 500  # each is an open file
REST = 100  # times as long as computing took


def compute(experiment_id: int) -> TwoWayError | None:
    """Compute the two-way error of an experiment's events as they are now, and keep it.

    Every query sees the events of one moment, so that the experiment may go on meanwhile.

    Returns:
        What is kept now, or None where it is being computed already.

    Raises:
        ArchiveError: where some of them are archived.
    """
    started = time.monotonic()
    experiment = Experiment.objects.get(pk=experiment_id)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [TWO_WAY_LOCK, experiment_id])
        if not cursor.fetchone()[0]:
            return None
        layout = Layout.of(experiment)
        refuse_archived(layout.cells, "the two-way error")
        computed = _computed(experiment, layout)
    found, _ = TwoWayError.objects.update_or_create(
        experiment=experiment,
        defaults={
            "watermark": layout.watermark,
            "took_s": time.monotonic() - started,
            **computed,
        },
    )
    return found


def due() -> Iterator[int]:
    """Yield the experiments whose kept error, if there is one, is older than their counts.

    None of which events are archived: it stays what it was.

    Not too soon after the last time: a hundredth of the time at most goes into one experiment.
    """
    counted = Experiment.objects.exclude(state=Experiment.State.DRAFT)
    watermarks = queries.watermarks()
    for experiment in counted.select_related("two_way_error").order_by("pk"):
        kept = getattr(experiment, "two_way_error", None)
        if _is_old(kept, watermarks.get(experiment.pk, 0)) and not archived_days_of(
            Layout.of(experiment).cells
        ):
            yield experiment.pk


def _is_old(kept: TwoWayError | None, reached: int) -> bool:
    if kept is None:
        return reached > 0
    return reached != kept.watermark and _age_s(kept) >= REST * kept.took_s


def _age_s(kept: TwoWayError) -> float:
    return (timezone.now() - kept.made_at).total_seconds()


def _computed(experiment: Experiment, layout: Layout) -> dict[str, object]:
    """Return what is kept of the sums by viewer, video and arm, by the names of the fields."""
    others = {other: Layout.of(other) for other in others_of(experiment)}
    views = kept_counts.counted_views([layout, *others.values()])
    number = min(max(1, views // VIEWS_A_PART), MOST_PARTS)
    with viewer_parts(layout, number, others.values()) as parts:
        return _of_parts(experiment, layout, parts, others)


def _of_parts(
    experiment: Experiment,
    layout: Layout,
    parts: ViewerParts,
    others: Mapping[Experiment, Layout],
) -> dict[str, object]:
    unit = Unit(experiment.unit)
    counts, place = joined(parts.counts())
    least = least_views(counts, experiment.min_views)
    _, columns = compared(counts, unit, least)
    seen = np.zeros(3, dtype=np.int64)  # sums, units, units in two arms
    tally, cuts = ViewerTally(layout, others), CutTally(layout, counts, place, unit)
    by_viewer = unit is Unit.VIEWER or _few(columns, unit)
    days = parts.daily_counts() if by_viewer else []
    course = CourseTally(layout, days, unit, experiment.min_views)
    carried = CarryOverTally(layout, unit)
    noise = UnitNoise.none(counts)
    errors: list[dict[str, object]] = []

    def sums() -> Iterator[CodedSums]:
        nonlocal noise
        for part in range(len(parts)):
            everything = parts.read(part)
            events = everything.of_layout(layout)
            coded = events.sums(layout, counts, place)
            if part == 0:
                errors[:] = kept_errors(counts, coded, unit)
            seen[:] += coded.views.size, *coded.crossed(unit)
            tally.add(coded, everything)
            cuts.add(events)
            course.add(events)
            carried.add(events)
            noise = noise.plus(coded)
            yield coded

    means = two_way_mean_ctr(sums(), counts, columns)
    rows, units, crossed = seen.tolist()
    return {
        "sums": rows,
        "units": units,
        "crossed": crossed,
        "noise": _estimate(noise.dispersion()),
        "comparisons": [_line(line) for line in compare(means)],
        **_widening(means, counts, unit, least),
        **tally.kept(),
        "first_views": first_views(layout, parts, unit, experiment.min_views)
        if tally.come_back
        else [],
        "cuts": cuts.kept(),
        "realised_errors": errors,
        "course": course.kept(),
        "carry_over": carried.kept(),
    }


def _few(columns: Columns, unit: Unit) -> bool:
    """Return whether so few videos count that the viewers are the sample."""
    return unit is not Unit.VIDEO and bool(columns.included.sum(axis=0)[0] < FEW_VIDEOS)


def _widening(
    means: ArmMeans, counts: StratifiedCounts, unit: Unit, min_views: int
) -> dict[str, object]:
    """Return by how much the paired error is to be widened, where that is the test of the unit."""
    paired = unit is not Unit.VIEWER and unit is not Unit.VIDEO
    if not paired or means.scope is Scope.THESE:
        return {"inflation": 1.0, "df": None}
    alone = estimate(counts, unit, min_views=min_views, method=Method.PAIRED_BY_VIDEO)
    return {"inflation": inflation(means, alone.mean_ctr), "df": float(means.df.max())}


def _line(comparison: Comparison) -> dict[str, object]:
    found = _estimate(comparison.simultaneous_improvement)
    return {
        "arm": comparison.arm,
        "improvement": found.pop("value"),
        "p_value": _finite(comparison.p_value_adjusted),
        **found,
    }


def _estimate(found: Estimate) -> dict[str, object]:
    numbers = {"value": found.value, "low": found.low, "high": found.high}
    finite = {name: _finite(number) for name, number in numbers.items()}
    return {**finite, "level": found.level, "reason": found.reason}


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
