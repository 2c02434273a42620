"""The summaries that lists of experiments read: made in the background, one after the other.

A list that built its reports would ask as many questions as there are experiments, and compute as
long. So each report's gist is kept, and says with the watermark of the counts which ones it is of:
a list shows the summary that there is, and that it is old where it is.
"""

import time
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models import Sum as Total
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from experiments.analysis import news
from experiments.analysis.report.build import build
from experiments.analysis.report.gist import gist
from experiments.analysis.report.no_report import NoReportError, reporting_on
from experiments.analysis.video_course import keep_looks
from experiments.models import Cell, Experiment, ReportSummary

BUDGET_S = 10.0  # one round: a worker that is alone has counts to roll up, too
REST = 20  # times as long as making it took, before a live experiment's is made again
PROBLEM_REST_S = 600.0
NOTHING: dict[str, Any] = {"verdict": "", "checks": [], "arms": []}


def with_summary() -> QuerySet[Experiment]:
    """Return all experiments with `summary` and `is_old`: whether it is not of what is there now.

    A new day makes a live experiment's old: a planned end or look may have come.
    """
    counted = Cell.objects.filter(phase__experiment=OuterRef("pk")).order_by()
    reached = counted.values("phase__experiment").annotate(all=Total("counted")).values("all")
    is_old = (
        Q(summary=None)
        | ~Q(summary__watermark=F("reached"))
        | ~Q(summary__state=F("state"))
        | Q(two_way_error__made_at__gt=F("summary__made_at"))
        | ~Q(summary__problem="")
        | Q(state__in=Experiment.LIVE_STATES, summary_day__lt=timezone.now().date())
    )
    return (
        Experiment.objects.select_related("summary")
        .alias(summary_day=TruncDate("summary__made_at"))
        .annotate(reached=Coalesce(Subquery(reached), 0))
        .annotate(is_old=ExpressionWrapper(is_old, BooleanField()))
    )


def renew(budget_s: float = BUDGET_S) -> int:
    """Make the summaries that are old, the oldest first, for about so long; return how many."""
    began_s, made = time.monotonic(), 0
    for experiment in _due():
        _keep(experiment, _made(experiment))
        made += 1
        if time.monotonic() - began_s > budget_s:
            break
    return made


@transaction.atomic
def _keep(experiment: Experiment, made: Mapping[str, Any]) -> None:
    """Keep a summary, and tell what is new in it."""
    news.tell(experiment, getattr(experiment, "summary", None), made)
    ReportSummary.objects.update_or_create(experiment=experiment, defaults=made)


def _due() -> list[Experiment]:
    started = with_summary().exclude(state=Experiment.State.DRAFT)
    oldest = started.order_by(F("summary__made_at").asc(nulls_first=True), "pk")
    old = [each for each in oldest if each.is_old]  # type: ignore[attr-defined]  # annotated
    return [each for each in old if not _rests(each)]


def _rests(experiment: Experiment) -> bool:
    """Return whether it was made a little while ago, and the experiment is in the same state."""
    kept: ReportSummary | None = getattr(experiment, "summary", None)
    if kept is None or kept.state != experiment.state:
        return False
    rest_s = PROBLEM_REST_S if kept.problem else REST * kept.took_s
    return (timezone.now() - kept.made_at).total_seconds() < rest_s


def _made(experiment: Experiment) -> dict[str, Any]:
    """Return what is to be kept of one report; one that cannot be made stops no other.

    The course of one that has ended is kept beside it: its counts stay.
    """
    began_s, made_at = time.monotonic(), timezone.now()
    try:
        with reporting_on(experiment):
            report = build(experiment)
            has_ended = experiment.state == Experiment.State.ENDED
            if has_ended and not report.course and not report.method.needs_viewers:
                keep_looks(experiment, report.layout)
            found = {"problem": "", **gist(report)}
    except NoReportError as error:
        found = {**NOTHING, "problem": str(error)}
    return {
        "watermark": experiment.reached,  # type: ignore[attr-defined]  # read before the counts
        "state": experiment.state,
        "made_at": made_at,
        "took_s": time.monotonic() - began_s,
        **found,
    }
