"""The means of a metric in every arm, with the error that is right for what it is of.

Shares and watched times vary with viewers, and have the error of the design. What a picture weighs
is known of every video, whoever sees it: there the videos alone are the sample.
"""

from dataclasses import dataclass, replace

import numpy as np

from experiments.analysis.measured import UnusableMetricError
from experiments.analysis.report.estimates import estimate_metric
from experiments.analysis.report.reading import Reading
from experiments.analysis.stats.contrast import expected_events
from experiments.analysis.stats.engine import as_strata, compared
from experiments.analysis.stats.paired_t import paired_means
from experiments.analysis.stats.records import FloatArray, IntArray
from experiments.analysis.stats.results import ArmMeans
from experiments.analysis.stats.standardise import Columns, joined
from experiments.analysis.stats.welch import between_means
from experiments.metrics import PICTURE_BYTES, PRIMARY, WATCHES, Metric, Quantity
from experiments.unit import Unit

NOTHING = "nothing was counted for it"
NOT_WATCHED = "no page has told how long videos were watched"
NO_VIDEO = "no video counts"
NO_PICTURES = "the size of its pictures is known in no arm"
MS_PER_S = 1000


@dataclass(frozen=True, slots=True, eq=False)
class MetricMeans:
    """A metric's means, and how many impressions have what it counts, by arm."""

    means: ArmMeans
    events: dict[str, int]


def metric_means(reading: Reading, metric: Metric, min_views: int) -> MetricMeans:
    """Return a metric's means over the videos that count.

    Args:
        reading: of the experiment.
        metric: one beside the primary.
        min_views: a video counts with so many views in every arm; where the metric is not of
            views, with one.

    Raises:
        UnusableMetricError: where there are none; the message says why.
    """
    if metric.numerator == PICTURE_BYTES:
        return _of_pictures(reading, min_views)
    _refuse_nothing(reading, metric)
    least = min_views if metric.denominator == PRIMARY.denominator else 1
    found = estimate_metric(reading, reading.measured.of(metric), least)
    counted = found.inclusion.included
    if metric.quantity is Quantity.SECONDS:
        return _of_watching(reading, found.mean_ctr, counted)
    return MetricMeans(found.mean_ctr, _by_arm(reading, found.included.clicks))


def _refuse_nothing(reading: Reading, metric: Metric) -> None:
    for measure in metric.measures:
        values = reading.measured.measures[measure.name]
        if values is not None and not values.any():
            why = NOT_WATCHED if metric.quantity is Quantity.SECONDS else NOTHING
            raise UnusableMetricError(why)


def _of_watching(reading: Reading, means: ArmMeans, counted: np.ndarray) -> MetricMeans:
    """Return watched seconds; it takes enough watches for an error, not enough milliseconds."""
    watches = as_strata(reading.measured.of(WATCHES)).total().where(counted)
    events, views = (table.sum(axis=0) for table in (watches.clicks, watches.views))
    expected = dict(zip(watches.arms, expected_events(events, views).tolist(), strict=True))
    in_seconds = replace(
        means.scaled(1 / MS_PER_S),
        events=np.array([expected[arm] for arm in means.arms]),
        effective_views=None,
    )
    return MetricMeans(in_seconds, _by_arm(reading, watches.clicks))


def _of_pictures(reading: Reading, min_views: int) -> MetricMeans:
    counts, _ = joined(as_strata(reading.counts))
    _, columns = compared(counts, reading.unit, min_views)
    if not columns.included.any():
        raise UnusableMetricError(NO_VIDEO)
    sizes = _sizes(reading, counts.video_ids, columns)
    if np.isnan(sizes).all():
        raise UnusableMetricError(NO_PICTURES)
    names = tuple(counts.arms[arm] for arm in columns.arms)
    of_sizes = between_means if reading.unit is Unit.VIDEO else paired_means
    views = columns.views.sum(axis=(0, 1))
    means = replace(of_sizes(names, sizes, views.astype(float)), baselines=columns.baselines)
    return MetricMeans(means, dict(zip(names, views.tolist(), strict=True)))


def _sizes(reading: Reading, video_ids: IntArray, columns: Columns) -> FloatArray:
    """Return the size of each video's picture in each column, (V, C); nan where it has no part.

    Where a video is shown in every arm it takes all of its pictures to compare them.
    """
    arms = reading.layout.arms
    known = [reading.pictures.get(arm.selector) for arm in arms]
    nothing = np.full(video_ids.size, np.nan)
    by_arm = np.stack([each.sizes_of(video_ids) if each else nothing for each in known], axis=1)
    sizes = np.where(columns.included, by_arm[:, columns.arms], np.nan)
    if reading.unit is not Unit.VIDEO:
        sizes[(np.isnan(sizes) & columns.included).any(axis=1)] = np.nan
    return np.asarray(sizes)


def _by_arm(reading: Reading, table: IntArray) -> dict[str, int]:
    return dict(zip(reading.layout.names, table.sum(axis=0).tolist(), strict=True))
