"""Builds the report of an experiment: read, then estimated once, then said."""

from collections import Counter
from collections.abc import Mapping
from math import nan
from typing import Any

from django.utils import timezone

from experiments.analysis.queries import STEP_NAMES
from experiments.analysis.report.reading import Reading, read
from experiments.analysis.report.record import ArmRow, LeftOutVideos, Report, TwoWay, TwoWayLine
from experiments.analysis.stats.compare import compare
from experiments.analysis.stats.engine import estimate
from experiments.analysis.stats.records import LEVEL, ViewerVideoSums
from experiments.analysis.stats.results import (
    ArmSummary,
    Comparison,
    Estimate,
    Estimated,
    Mode,
)
from experiments.analysis.stats.share_check import share_check, viewer_share_check
from experiments.analysis.stats.srm import SampleRatio
from experiments.analysis.stats.summary import summarise
from experiments.models import Experiment
from experiments.paper import printed_rows

NEVER_SHOWN = "never shown to anyone"


def build(experiment: Experiment) -> Report:
    """Return the report of an experiment from the counts rolled up so far."""
    reading = read(experiment)
    estimated = estimate(reading.counts, reading.unit, min_views=experiment.min_views)
    arms = summarise(estimated)
    comparisons = compare(estimated.mean_ctr)
    shares = _share_check(reading)
    included = estimated.included
    ended = experiment.state == Experiment.State.ENDED
    return Report(
        slug=experiment.slug,
        name=experiment.name,
        question=experiment.question,
        simulated=experiment.simulated,
        state=experiment.get_state_display(),
        unit=experiment.get_unit_display(),
        min_views=experiment.min_views,
        started_at=experiment.started_at,
        ended_at=experiment.ended_at,
        made_at=timezone.now(),
        uncounted=reading.uncounted,
        level=LEVEL,
        method=estimated.mean_ctr.method,
        mode=Mode.FIXED_HORIZON if ended else Mode.PROVISIONAL,
        arms=_arm_rows(reading, arms, comparisons),
        included=estimated.inclusion.included_videos,
        left_out=_left_out(reading, estimated),
        srm=shares,
        days=reading.days,
        counts=included,
        titles=tuple(reading.videos[pk].title for pk in included.video_ids.tolist()),
        two_way=_two_way(reading),
    )


def _share_check(reading: Reading) -> SampleRatio:
    """Check that the arms got their share of the units that the design assigns."""
    if isinstance(reading.counts, ViewerVideoSums):
        return viewer_share_check(reading.counts)
    return share_check(reading.counts, reading.unit)


def _arm_rows(
    reading: Reading, summaries: tuple[ArmSummary, ...], comparisons: tuple[Comparison, ...]
) -> tuple[ArmRow, ...]:
    arms = reading.layout.arms
    weight = sum(arm.weight for arm in arms)
    compared = {comparison.arm: comparison for comparison in comparisons}
    printed = printed_rows([arm.selector for arm in arms])
    return tuple(
        ArmRow(
            index=arm.index,
            name=arm.name,
            selector=arm.selector,
            share=arm.weight / weight,
            videos=line.videos,
            views=line.views,
            clicks=line.clicks,
            mean_views=line.mean_views,
            mean_clicks=line.mean_clicks,
            mean_ctr=line.mean_ctr,
            pooled_ctr=line.pooled_ctr,
            comparison=compared.get(line.arm),
            paper=printed.get(arm.selector),
            steps=_steps(reading, arm.index),
        )
        for arm, line in zip(arms, summaries, strict=True)
    )


def _steps(reading: Reading, arm: int) -> dict[str, int]:
    """Return how often each step happened in an arm, over all days."""
    total = Counter(dict.fromkeys(STEP_NAMES, 0))
    for day in reading.days:
        if day.arm == arm:
            total.update(day.steps)
    return dict(total)


def _left_out(reading: Reading, estimated: Estimated) -> tuple[LeftOutVideos, ...]:
    groups = [
        LeftOutVideos(group.reason, tuple(reading.videos[pk].slug for pk in group.video_ids))
        for group in estimated.inclusion.left_out
    ]
    shown = set(estimated.counts.video_ids.tolist())
    never = tuple(video.slug for pk, video in reading.videos.items() if pk not in shown)
    return (*groups, LeftOutVideos(NEVER_SHOWN, never)) if never else tuple(groups)


def _two_way(reading: Reading) -> TwoWay | None:
    found = reading.two_way
    if found is None:
        return None
    return TwoWay(
        made_at=found.made_at,
        took_s=found.took_s,
        sums=found.sums,
        current=found.watermark == reading.layout.watermark,
        arms=tuple(_two_way_line(line) for line in found.comparisons),
    )


def _two_way_line(line: Mapping[str, Any]) -> TwoWayLine:
    numbers = (line[name] for name in ("improvement", "low", "high", "p_value"))
    value, low, high, p_value = (nan if number is None else number for number in numbers)
    found = Estimate(value, low, high, line["level"], line["reason"])
    return TwoWayLine(line["arm"], found, p_value)
