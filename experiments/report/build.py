"""Builds the report of an experiment: queries, then the statistics that its design calls for."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import nan

from django.utils import timezone

from experiments import queries
from experiments.models import Arm, Experiment, Video
from experiments.report.paper import table_3_rows
from experiments.report.record import ArmRow, LeftOutVideos, Report
from experiments.stats.engine import compare_arms, summarise_arms
from experiments.stats.errors import DesignError
from experiments.stats.records import Unit, VideoCounts
from experiments.stats.results import ArmSummary, Comparison, ComparisonSet, Inclusion, Mode
from experiments.stats.srm import ALARM_P, SampleRatio, srm

LEVEL = 0.95
NEVER_SHOWN = "never shown to anyone"


@dataclass(frozen=True, slots=True)
class Judgement:
    """The comparisons, or why there are none."""

    comparisons: ComparisonSet | None
    refusal: str

    def of(self, arm: str) -> Comparison | None:
        """Return an arm's comparison to the control; None for the control or after a refusal."""
        made = self.comparisons.comparisons if self.comparisons else ()
        return next((comparison for comparison in made if comparison.arm == arm), None)


def build(experiment: Experiment) -> Report:
    """Return the report of an experiment from the counts rolled up so far."""
    counts = queries.video_counts(experiment.pk)
    arms = list(experiment.arms.order_by("index"))
    unit = Unit(experiment.unit)
    ended = experiment.state == Experiment.State.ENDED
    summary = summarise_arms(counts, unit, min_views=experiment.min_views, level=LEVEL)
    included = counts.where(summary.inclusion.included)
    judgement = judge(counts, unit, min_views=experiment.min_views, ended=ended)
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
        level=LEVEL,
        method=judgement.comparisons.method if judgement.comparisons else None,
        mode=Mode.FIXED_HORIZON if ended else Mode.PROVISIONAL,
        refusal=judgement.refusal,
        arms=_arm_rows(arms, summary.arms, judgement, queries.step_totals(experiment.pk)),
        included=summary.inclusion.included_videos,
        left_out=_left_out(experiment, counts, summary.inclusion),
        srm=_shares(experiment, counts, arms, unit),
        days=tuple(queries.daily_counts(experiment.pk)),
        counts=included,
        titles=_titles(included),
    )


def judge(counts: VideoCounts, unit: Unit, *, min_views: int, ended: bool) -> Judgement:
    """Compare the arms to the control, or say why the design does not allow it."""
    try:
        made = compare_arms(
            counts, unit, min_views=min_views, level=LEVEL, planned_end_reached=ended
        )
    except DesignError as error:
        return Judgement(None, str(error))
    return Judgement(made, "")


def _arm_rows(
    arms: list[Arm],
    summaries: tuple[ArmSummary, ...],
    judgement: Judgement,
    steps: Mapping[int, Mapping[str, int]],
) -> tuple[ArmRow, ...]:
    weight = sum(arm.weight for arm in arms)
    paper = table_3_rows([arm.selector for arm in arms])
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
            comparison=judgement.of(line.arm),
            paper=paper.get(arm.selector),
            steps=tuple(steps.get(arm.index, {}).items()),
        )
        for arm, line in zip(arms, summaries, strict=True)
    )


def _left_out(
    experiment: Experiment, counts: VideoCounts, inclusion: Inclusion
) -> tuple[LeftOutVideos, ...]:
    ids = [pk for group in inclusion.left_out for pk in group.video_ids]
    slugs = dict(Video.objects.filter(pk__in=ids).values_list("pk", "slug"))
    groups = [
        LeftOutVideos(group.reason, tuple(slugs[pk] for pk in group.video_ids))
        for group in inclusion.left_out
    ]
    unseen = experiment.videos.exclude(pk__in=counts.video_ids.tolist())
    never_shown = tuple(unseen.values_list("slug", flat=True))
    if never_shown:
        groups.append(LeftOutVideos(NEVER_SHOWN, never_shown))
    return tuple(groups)


def _titles(counts: VideoCounts) -> tuple[str, ...]:
    ids = counts.video_ids.tolist()
    titles = dict(Video.objects.filter(pk__in=ids).values_list("pk", "title"))
    return tuple(titles[pk] for pk in ids)


def _shares(
    experiment: Experiment, counts: VideoCounts, arms: list[Arm], unit: Unit
) -> SampleRatio:
    """Check the arms' shares, where what was counted allows an honest check."""
    weights = [arm.weight for arm in arms]
    if experiment.phases.filter(number__gt=1).exists():
        return _unchecked(counts, weights, "the weights changed; counts by phase are not at hand")
    if unit is Unit.VIEWER:
        return _unchecked(counts, weights, "assigned by viewer; viewers by arm are not at hand")
    if unit is Unit.VIDEO:
        return srm(counts.arms, (counts.views > 0).sum(axis=0), weights)
    return srm(counts.arms, counts.views.sum(axis=0), weights)


def _unchecked(counts: VideoCounts, weights: list[float], reason: str) -> SampleRatio:
    views = counts.views.sum(axis=0)
    return SampleRatio(
        arms=counts.arms,
        observed=tuple(views.tolist()),
        expected=tuple(views.sum() * weight / sum(weights) for weight in weights),
        statistic=nan,
        df=0,
        p_value=nan,
        forbidden=(0,) * len(weights),
        threshold=ALARM_P,
        reason=reason,
    )
