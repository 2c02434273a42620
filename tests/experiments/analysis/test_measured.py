"""Metrics out of measures, by hand."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from experiments.analysis.layout import Layout
from experiments.analysis.measured import Measured, MeasuredByViewer, UnusableMetricError
from experiments.analysis.stats.records import IntArray
from experiments.metrics import Metric, Role
from experiments.models import Arm

METRIC = Metric("x", "watched clicks per view", "watched_clicks", "views", Role.SECONDARY)
ARMS = (Arm(index=0, name="raw"), Arm(index=2, name="gevaden"))  # the second of three was dropped
# Two phases of two arms: cells 11 and 12, then 13 and 14.
LAYOUT = Layout(
    experiment_id=1,
    arms=ARMS,
    phases=(),
    shares=np.array([[1.0, 1.0], [1.0, 3.0]]),
    cells={11: (0, 0), 12: (0, 1), 13: (1, 0), 14: (1, 1)},
    watermark=0,
)
VIDEOS, CELLS = np.array([7, 7, 7, 5, 5]), np.array([11, 12, 14, 11, 14])
VIEWS, WATCHED = np.array([10, 20, 30, 40, 50]), np.array([1, 2, 3, 4, 0])


def measured(watched: IntArray | None = WATCHED) -> Measured:
    return Measured.of_rows(LAYOUT, VIDEOS, CELLS, {"views": VIEWS, "watched_clicks": watched})


def test_a_metric_is_added_up_by_phase_video_and_arm() -> None:
    found = measured().of(METRIC)
    assert found.video_ids.tolist() == [5, 7]
    assert found.views.tolist() == [[[40, 0], [10, 20]], [[0, 50], [0, 30]]]
    assert found.clicks.tolist() == [[[4, 0], [1, 2]], [[0, 0], [0, 3]]]
    assert found.shares.tolist() == LAYOUT.shares.tolist()


def test_a_metric_by_viewer_keeps_its_rows() -> None:
    viewers = np.arange(5)
    found = MeasuredByViewer(
        LAYOUT, viewers, VIDEOS, CELLS, {"views": VIEWS, "watched_clicks": WATCHED}
    ).of(METRIC)
    assert (found.views.tolist(), found.clicks.tolist()) == (VIEWS.tolist(), WATCHED.tolist())
    assert (found.stratum.tolist(), found.arm_index.tolist()) == ([0, 0, 1, 0, 1], [0, 1, 1, 0, 1])


def test_what_proves_the_whole_counts_as_the_whole_where_that_was_not_told() -> None:
    proves = replace(METRIC, proves=True)
    found = measured(np.array([11, 20, 0, 0, 0])).of(proves)
    assert found.views.tolist() == [[[40, 0], [11, 20]], [[0, 50], [0, 30]]]


def test_who_was_served_and_saw_nothing_is_no_viewer() -> None:
    views = np.array([10, 0, 30, 40, 50])
    rows = {"views": views, "watched_clicks": np.minimum(views, WATCHED)}
    found = MeasuredByViewer(LAYOUT, np.arange(5), VIDEOS, CELLS, rows).of(METRIC)
    assert found.viewer_ids.tolist() == [0, 2, 3, 4]


def test_each_video_and_arm_has_its_measures_over_all_phases() -> None:
    def row(views: int, watched: int | None) -> Mapping[str, int | None]:
        return {"views": views, "watched_clicks": watched}

    assert list(measured().by_video()) == [
        (5, 0, row(40, 4)), (5, 2, row(50, 0)), (7, 0, row(10, 1)), (7, 2, row(50, 5)),
    ]  # fmt: skip
    assert next(measured(None).by_video())[2] == row(40, None)


def test_what_was_not_counted_or_does_not_fit_is_no_metric() -> None:
    with pytest.raises(UnusableMetricError, match="recount"):
        measured(None).of(METRIC)
    with pytest.raises(UnusableMetricError, match="1 counts have more watched_clicks than views"):
        measured(np.array([1, 2, 31, 4, 5])).of(METRIC)
