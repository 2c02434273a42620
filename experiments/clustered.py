"""The error by viewer and video at once, of a study too large to ask for it on every visit.

It needs the sums by viewer, video and arm: nearly one for each impression. They are taken from the
events part by part, each with its share of the viewers, so that memory stays small. What comes out
is kept with the watermark of the counts, and reports show it with that.
"""

import time
from collections.abc import Iterator

import numpy as np
from django.db import transaction

from experiments import queries
from experiments.errors import ExperimentError
from experiments.models import Experiment, TwoWayError
from experiments.stats.compare import compare
from experiments.stats.inclusion import include_videos
from experiments.stats.records import Unit, VideoCounts
from experiments.stats.results import Comparison
from experiments.stats.two_way import CodedCells, two_way_in_parts

VIEWS_A_PART = 4_000_000
LEVEL = 0.95


class _Parts:
    """Cells part by part, and what has been seen of them."""

    def __init__(self, experiment: Experiment, counts: VideoCounts) -> None:
        self._experiment, self._counts = experiment, counts
        self.number = max(1, int(counts.views.sum()) // VIEWS_A_PART)
        self.views, self.clicks = np.zeros_like(counts.views), np.zeros_like(counts.clicks)
        self.cells = 0

    def __iter__(self) -> Iterator[CodedCells]:
        for part in range(self.number):
            sums = queries.viewer_video_cells(self._experiment.pk, part=part, parts=self.number)
            coded = CodedCells.of(sums)
            at = np.searchsorted(self._counts.video_ids, coded.video_ids)
            if not np.isin(coded.video_ids, self._counts.video_ids).all():
                raise _NotTheCountsError
            found = coded.counts()
            self.views[at] += found.views
            self.clicks[at] += found.clicks
            self.cells += len(sums.views)
            yield coded

    def check(self) -> None:
        """Raise where the parts together are not what is counted."""
        if (self.views != self._counts.views).any() or (self.clicks != self._counts.clicks).any():
            raise _NotTheCountsError


class _NotTheCountsError(ExperimentError):
    def __str__(self) -> str:
        return "events came that no rollup has counted: roll up, and compute it again"


def compute(experiment_id: int) -> TwoWayError:
    """Compute the two-way error of an experiment as it is counted now, and keep it.

    Raises:
        ExperimentError: where the events are not those of the counts.
    """
    started = time.monotonic()
    experiment = Experiment.objects.get(pk=experiment_id)
    with transaction.atomic():
        watermark, counts = queries.watermark(experiment_id), queries.video_counts(experiment_id)
        parts = _Parts(experiment, counts)
        inclusion = include_videos(
            counts.video_ids, counts.arms, counts.views, Unit(experiment.unit), experiment.min_views
        )
        means = two_way_in_parts(parts, counts, inclusion.included)
        parts.check()
    found, _ = TwoWayError.objects.update_or_create(
        experiment=experiment,
        defaults={
            "watermark": watermark,
            "took_s": time.monotonic() - started,
            "cells": parts.cells,
            "comparisons": [_line(line) for line in compare(means, level=LEVEL)],
        },
    )
    return found


def _line(comparison: Comparison) -> dict[str, object]:
    found = comparison.simultaneous_improvement
    numbers = {
        "improvement": found.value,
        "low": found.low,
        "high": found.high,
        "p_value": comparison.p_value_adjusted,
    }
    finite = {name: float(v) if np.isfinite(v) else None for name, v in numbers.items()}
    return {"arm": comparison.arm, **finite, "level": found.level, "reason": found.reason}
