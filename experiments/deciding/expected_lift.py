"""The lift that a decision is expected to bring, as known when it is made.

It is the lift of what is shipped over what is held back, less what luck has likely added to it, so
that it can be set beside what the holdback measures later.
"""

from math import isfinite

from experiments.analysis.report.record import Report
from experiments.analysis.videos.record import VideoReport, VideoRow
from experiments.choice import Choice


def of_report(report: Report, choice: Choice, arm: str, against: str) -> float | None:
    """Return the lift of shipping one arm, or of keeping the control; None where none is known.

    Args:
        report: of the experiment that is decided.
        choice: an arm, or the control.
        arm: the arm's name.
        against: the arm that is held back where the control is kept.
    """
    if choice is Choice.ARM:
        return _of_arm(report, arm)
    found = _of_arm(report, against)
    return None if found is None or found <= -1 else 1 / (1 + found) - 1


def of_map(report: VideoReport) -> float | None:
    """Return the lift in clicks of the best arm of each video; None without clicks to compare."""
    rows = [row for row in report.videos if not row.deleted]
    clicks, gained = sum(map(_clicks_of_control, rows)), sum(row.gained for row in rows)
    return gained / clicks if clicks and isfinite(gained) else None


def _of_arm(report: Report, arm: str) -> float | None:
    """Return the lift of an arm over the control, corrected where luck is likely in it."""
    for row in report.compared:
        if row.name == arm and row.comparison is not None:
            raw = row.comparison.improvement.value
            found = row.corrected.improvement if row.corrected else raw
            return found if isfinite(found) else None
    return None


def _clicks_of_control(row: VideoRow) -> float:
    """Return the clicks that the control would bring in all views of a video."""
    control = row.arms[0]
    return control.clicks / control.views * sum(a.views for a in row.arms) if control.views else 0.0
