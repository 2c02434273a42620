"""The record of every video as tables: all of it, and the map of what to ship."""

from collections.abc import Iterator

from experiments.analysis.spreadsheet import Cell, as_csv
from experiments.analysis.videos.record import VideoArm, VideoReport, VideoRow

HEAD = (
    "video", "title", "arm", "views", "clicks", "ctr", "raw_lift", "lift", "lift_low", "lift_high",
    "chance_better", "chance_worse", "standing", "ship", "clicks_gained",
)  # fmt: skip
MAP_HEAD = ("video", "arm", "selector", "clicks_gained")


def as_table(report: VideoReport) -> str:
    """Return a line for each video and arm, as CSV."""
    return as_csv(HEAD, _lines(report))


def as_map(report: VideoReport) -> str:
    """Return the arm to ship for each video, as CSV; a deleted one can show nothing any more."""
    shown = (row for row in report.videos if not row.deleted)
    lines = ((row.slug, row.ship, report.selectors[row.ship], row.gained) for row in shown)
    return as_csv(MAP_HEAD, lines)


def _lines(report: VideoReport) -> Iterator[tuple[Cell, ...]]:
    for row in report.videos:
        for arm in row.arms:
            yield _line(row, arm)


def _line(row: VideoRow, arm: VideoArm) -> tuple[Cell, ...]:
    ctr = arm.clicks / arm.views if arm.views else None
    figures = (arm.raw, arm.lift, arm.low, arm.high, arm.better, arm.worse)
    standing = arm.standing or ""
    return (row.slug, row.title, arm.arm, arm.views, arm.clicks, ctr, *figures, standing, row.ship,
            row.gained)  # fmt: skip
