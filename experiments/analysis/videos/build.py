"""The record of every video, built: read, judged once, and put in rows."""

from dataclasses import dataclass
from math import nan

import numpy as np

from experiments.analysis.report.build import report_of
from experiments.analysis.report.reading import Reading, read
from experiments.analysis.stats.engine import as_strata
from experiments.analysis.stats.errors import DesignError
from experiments.analysis.stats.per_video import VideoLifts
from experiments.analysis.stats.records import IntArray
from experiments.analysis.stats.video_decisions import VideoDecisions, decide_by_video
from experiments.analysis.videos.noise import noise_of
from experiments.analysis.videos.record import (
    ArmLifts,
    Standing,
    VideoArm,
    VideoReport,
    VideoRow,
)
from experiments.models import Experiment

WRONG_SIGNS = 0.05
NOTHING_SEEN = "no video has been seen yet"


def build_videos(experiment: Experiment) -> VideoReport:
    """Return what an experiment says of each of its videos, from the counts rolled up so far."""
    reading = read(experiment)
    counts = as_strata(reading.counts)
    slugs = {pk: video.slug for pk, video in reading.videos.items()}
    noise = noise_of(experiment, counts, slugs, reading.two_way)
    reason, found = NOTHING_SEEN, None
    if counts.video_ids.size:
        try:
            reason, found = (
                "",
                decide_by_video(
                    counts, reading.unit, level=experiment.level, dispersion=noise.used
                ),
            )
        except DesignError as error:
            reason = str(error)
    return VideoReport(
        slug=experiment.slug,
        name=experiment.name,
        simulated=experiment.simulated,
        selectors={arm.name: arm.selector for arm in reading.layout.arms},
        level=experiment.level,
        wrong_signs=WRONG_SIGNS,
        verdict=report_of(experiment, reading).verdict,
        changed_shares=len(np.unique(reading.layout.shares, axis=0)) > 1,
        reason=reason,
        noise=noise,
        gained=float(found.shipped.gained.sum()) if found else nan,
        best_single_arm=found.shipped.best_single_arm if found else "",
        summaries=_summaries(found) if found else (),
        videos=_rows(reading, found) if found else (),
    )


def _summaries(found: VideoDecisions) -> tuple[ArmLifts, ...]:
    shipped = found.shipped
    return tuple(
        ArmLifts(
            arm=arm,
            mean=lifts.prior.mean,
            spread=lifts.prior.spread,
            better=int((lifts.declared(WRONG_SIGNS) > 0).sum()),
            worse=int((lifts.declared(WRONG_SIGNS) < 0).sum()),
            shipped=int((shipped.arm_index == shipped.arms.index(arm)).sum()),
            regret=shipped.regret_of_one_arm[shipped.arms.index(arm)],
        )
        for arm, lifts in found.lifts.items()
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """An arm's lifts with the verdict on each video."""

    lifts: VideoLifts
    signs: IntArray


def _rows(reading: Reading, found: VideoDecisions) -> tuple[VideoRow, ...]:
    judged = {
        arm: _Judged(lifts, lifts.declared(WRONG_SIGNS)) for arm, lifts in found.lifts.items()
    }
    shipped = found.shipped
    return tuple(
        VideoRow(
            pk=pk,
            slug=reading.videos[pk].slug,
            title=reading.videos[pk].title,
            deleted=reading.videos[pk].slug in reading.deleted,
            arms=tuple(
                _arm(found, judged.get(arm), row, column)
                for column, arm in enumerate(found.counts.arms)
            ),
            ship=shipped.arms[shipped.arm_index[row]],
            gained=float(shipped.gained[row]),
        )
        for row, pk in enumerate(found.counts.video_ids.tolist())
    )


def _arm(found: VideoDecisions, judged: _Judged | None, row: int, column: int) -> VideoArm:
    lift, low, high, better, worse = _figures(judged.lifts, row) if judged else (nan,) * 5
    return VideoArm(
        arm=found.counts.arms[column],
        views=int(found.counts.views[row, column]),
        clicks=int(found.counts.clicks[row, column]),
        raw=float(found.raw[row, column]),
        lift=lift,
        low=low,
        high=high,
        better=better,
        worse=worse,
        standing=_standing(int(judged.signs[row])) if judged else None,
    )


def _figures(lifts: VideoLifts, row: int) -> tuple[float, ...]:
    of = (lifts.lift, lifts.low, lifts.high, lifts.better, lifts.worse)
    return tuple(float(each[row]) for each in of)


def _standing(sign: int) -> Standing:
    if not sign:
        return Standing.UNCLEAR
    return Standing.BETTER if sign > 0 else Standing.WORSE
