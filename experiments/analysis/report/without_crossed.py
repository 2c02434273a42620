"""The report without the units that were seen in two arms, which a change of shares moves.

It stands beside the report of all units, not in its place: who comes often is seen in two arms
more easily, so that the arms which are left differ in how many of their viewers came back.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from experiments.analysis import queries
from experiments.analysis.measured import Measured, MeasuredByViewer
from experiments.analysis.report.build import report_of
from experiments.analysis.report.reading import MOST_VIEWS, Reading, read
from experiments.analysis.report.record import LeftOutUnits, Report
from experiments.analysis.stats.coded_sums import numbered
from experiments.analysis.stats.records import BoolArray, IntArray
from experiments.errors import StateError
from experiments.metrics import PRIMARY, USED_MEASURES
from experiments.models import Experiment
from experiments.unit import Unit

# Larger parts than the two-way error's: each is a scan of all events, which that deals out in one.
# Such a part takes 1.0 GB in this process, one of 500,000 views 0.13 GB and eight times the scans.
VIEWS_A_PART = MOST_VIEWS
WITHOUT = "without"  # in addresses: crossed=without


def build_without_crossed(experiment: Experiment, *, at_any_size: bool = False) -> Report:
    """Return the report of the units that were seen in one arm alone.

    Args:
        experiment: one whose units are viewers, or viewers with a video.
        at_any_size: read however many events there are, for minutes if need be.

    Raises:
        StateError: where no unit can be in two arms, events are gone, or they are too many.
    """
    reading = read(experiment)
    parts = _parts(experiment, reading, at_any_size=at_any_size)
    measured, left_out = _left(reading, parts)
    left = replace(reading, measured=measured, counts=measured.of(PRIMARY), left_out=left_out)
    return report_of(experiment, left)


def crossed(measured: MeasuredByViewer, unit: Unit) -> tuple[BoolArray, int, int]:
    """Return which rows are of units seen in two arms, how many such units, and how many in all.

    Args:
        measured: N rows, with views among the measures.
        unit: viewers, or viewers with a video.
    """
    if not measured.cells.size:
        return np.zeros(0, dtype=bool), 0, 0
    code = _units(measured, unit)
    arm = measured.layout.places(measured.cells)[1]
    seen = measured.measures[PRIMARY.denominator] > 0
    lowest = np.full(int(code.max()) + 1, np.iinfo(np.int64).max)
    highest = np.full(lowest.size, -1)
    np.minimum.at(lowest, code[seen], arm[seen])
    np.maximum.at(highest, code[seen], arm[seen])
    in_two = highest > lowest
    return in_two[code], int(in_two.sum()), int((highest >= 0).sum())


def _units(measured: MeasuredByViewer, unit: Unit) -> IntArray:
    """Return the number of each row's unit, from 0, (N,)."""
    viewer = numbered(measured.viewer_ids)[1]
    if unit is Unit.VIEWER:
        return viewer
    videos, video = numbered(measured.video_ids)
    pairs: IntArray = numbered(viewer * videos.size + video)[1]
    return pairs


def _parts(experiment: Experiment, reading: Reading, *, at_any_size: bool) -> int:
    """Return in how many parts viewers are to be read; 0 where the report has read them already."""
    views = int(reading.counts.views.sum())
    if reading.unit is Unit.VIDEO:
        raise StateError(f"{experiment.slug} assigns videos: none of them is in two arms")
    if isinstance(reading.measured, MeasuredByViewer):
        return 0
    if views > MOST_VIEWS and not at_any_size:
        raise StateError(
            f"{experiment.slug} has {views:,} views, too many to leave units out of on a page: "
            f"`manage.py report {experiment.slug} --without-crossed` takes the minutes"
        )
    return max(1, views // VIEWS_A_PART)


def _left(reading: Reading, parts: int) -> tuple[Measured | MeasuredByViewer, LeftOutUnits]:
    """Return what is left, by viewer where they come in one part, and what is left out."""
    found = np.zeros(4, dtype=np.int64)  # units, those left out, views, those left out
    kept: list[MeasuredByViewer] = []
    sums: list[Measured] = []
    for measured in _read(reading, parts):
        out, units_out, units = crossed(measured, reading.unit)
        views = measured.measures[PRIMARY.denominator]
        found += units, units_out, views.sum(), views[out].sum()
        left = _rows(measured, ~out)
        if parts > 1:
            sums.append(_by_video(left))
        else:
            kept.append(left)
    left_out = LeftOutUnits(*found.tolist())
    if left_out.views < reading.counts.views.sum():
        raise StateError("the events of some days are gone: which units they show is not known")
    return (_joined(sums) if sums else kept[0]), left_out


def _read(reading: Reading, parts: int) -> Iterator[MeasuredByViewer]:
    if isinstance(reading.measured, MeasuredByViewer):
        yield reading.measured
    for part in range(parts):
        yield queries.viewer_measures(
            reading.layout,
            USED_MEASURES,
            before=reading.stopping.before,
            part=part,
            parts=parts,
        )


def _rows(measured: MeasuredByViewer, chosen: BoolArray) -> MeasuredByViewer:
    return replace(
        measured,
        viewer_ids=measured.viewer_ids[chosen],
        video_ids=measured.video_ids[chosen],
        cells=measured.cells[chosen],
        measures={name: values[chosen] for name, values in measured.measures.items()},
    )


def _by_video(measured: MeasuredByViewer) -> Measured:
    """Return the sums by video."""
    rows = measured.video_ids, measured.cells, measured.measures
    return Measured.of_rows(measured.layout, *rows)


def _joined(parts: Sequence[Measured]) -> Measured:
    """Return the sums of all parts, of the videos of any."""
    ids = np.unique(np.concatenate([part.video_ids for part in parts]))
    layout = parts[0].layout
    phases, arms = layout.shares.shape
    sums = {name: np.zeros((phases, ids.size, arms), np.int64) for name in parts[0].measures}
    for part in parts:
        place = np.searchsorted(ids, part.video_ids)
        for name, table in part.measures.items():
            sums[name][:, place] += cast("IntArray", table)
    return Measured(layout, ids, sums)
