"""The analysts' pages of one experiment: its report, and its thumbnails side by side."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from experiments.analysis.confidence_sequences import ConfidenceSequences
from experiments.analysis.report import (
    cut_sentences,
    funnel_sentences,
    lights,
    not_counted,
    prospects,
    realised_errors,
    sentences,
    share_course,
    verdict_sentences,
)
from experiments.analysis.report.cache import (
    VersionedCache,
    current,
    current_course,
    version_of_report,
)
from experiments.analysis.report.no_report import NoReportError, reporting_on
from experiments.analysis.report.other_tests import other_tests
from experiments.analysis.report.record import ArmRow, Report
from experiments.analysis.report.without_crossed import WITHOUT
from experiments.deciding.follow_up import follow_up
from experiments.equal_arms import equal_arms
from experiments.models import Arm, Experiment, Thumbnail, Video
from experiments.serving.decision import SHIPPED, mapped
from server.pages.charts import Chart, charts
from server.pages.cut_charts import cut_charts
from server.pages.cut_filter import CutFilter

VIDEOS_A_PAGE = 20
Drawing = dict[str, Any]


def experiment(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one experiment's report."""
    shown = get_object_or_404(started(), slug=slug)
    try:
        with reporting_on(shown):
            left_out = request.GET.get("crossed") == WITHOUT
            context = _without_crossed(shown) if left_out else whole(shown)
            context["filter"] = CutFilter.of(context["report"], request.GET)
            return render(request, "dashboards/experiment.html", context)
    except NoReportError as error:
        context = {"experiment": shown, "reason": error}
        return render(request, "dashboards/no_report.html", context)


def whole(shown: Experiment) -> dict[str, Any]:
    """Return the whole report of an experiment, in words and charts, for its page and its file."""
    report, charts_of_it = _report_and_charts(shown)
    return _said(shown, report) | charts_of_it


def drawn(shown: Experiment) -> dict[str, Any]:
    """Return an experiment's charts, and why there are no bands where there are none."""
    return _report_and_charts(shown)[1]


def _report_and_charts(shown: Experiment) -> tuple[Report, dict[str, Any]]:
    version = version_of_report(shown)
    report = current(shown, version=version)
    any_time = current_course(shown, report, version=version)
    found, cuts = _drawings.of(shown, report, any_time, version=version)
    return report, {"charts": found, "cut_charts": cuts, "no_bands": any_time.reason}


def _without_crossed(shown: Experiment) -> dict[str, Any]:
    """Return the same without units that were seen in two arms; bands and days are of all units."""
    report = current(shown, without_crossed=True)
    return _said(shown, report) | {"without_crossed": sentences.without_crossed(report)}


def _said(shown: Experiment, report: Report) -> dict[str, Any]:
    return {
        "report": report,
        "follow_up": follow_up(shown),
        "simulated": report.simulated,
        "verdict": verdict_sentences.verdict(report),
        "headline": sentences.headline(report),
        "stopping": verdict_sentences.stopping(report),
        "others": [sentences.finding(report, arm) for arm in report.compared if arm != report.best],
        "like_these": [line for arm in report.arms if (line := sentences.like_these(arm))],
        "other_tests": other_tests(report),
        "by_views": [line for arm in report.arms if (line := sentences.by_views(arm))],
        "inclusion": sentences.inclusion(report),
        "changed_shares": sentences.changed_shares(report),
        "vetoes": [veto for arm in report.compared if (veto := sentences.veto(report, arm))],
        "moment": sentences.moment(report),
        "about_paper": sentences.about_paper() if report.control.paper else "",
        "of_viewers": sentences.of_viewers(report),
        "two_way": sentences.two_way(report),
        "deleted": sentences.deleted(report),
        "prospects": prospects.said(report.prospects, report.margin),
        "funnel": funnel_sentences.said(report.funnel),
        "cuts": _cuts_said(report),
        "no_cuts": "" if report.cuts else cut_sentences.NOT_COMPUTED,
        "realised_errors": [realised_errors.said(line) for line in report.realised_errors],
        **_health(report),
        "not_counted": not_counted.all_said(report.not_counted),
        "share_check": sentences.share_check(report.srm),
        "share_course": share_course.said(report.share_course) if report.share_course else "",
        "srm_rows": zip(report.arms, report.srm.observed, report.srm.expected, strict=True),
        "units_by_phase": _units_by_phase(report),
        "steps": list(report.control.steps),
    }


def _health(report: Report) -> dict[str, list[lights.Light]]:
    """Return the lights in two lists: what takes away the verdict is said before it."""
    found = lights.lights(report)
    return {
        "alarms": [light for light in found if light.state == lights.State.BAD],
        "lights": [light for light in found if light.state != lights.State.BAD],
    }


def _units_by_phase(report: Report) -> list[tuple[int, list[tuple[ArmRow, int, float]]]]:
    """Return each phase's number, and of each arm the units first seen in it and those expected."""
    phases = report.share_course.phases if report.share_course else ()
    return [
        (phase.number, list(zip(report.arms, phase.seen, phase.expected, strict=True)))
        for phase in phases
    ]


def _cuts_said(report: Report) -> dict[str, Any] | None:
    """Return what there is to say of the cuts; None before they were computed."""
    if report.cuts is None:
        return None
    return {
        "about": cut_sentences.about(report.cuts),
        "by_cut": [
            (cut.title, [*cut_sentences.interactions(cut), *map(cut_sentences.fading, cut.fading)])
            for cut in report.cuts.cuts
        ],
    }


def _draw(
    shown: Experiment, report: Report, any_time: ConfidenceSequences
) -> tuple[list[Drawing], list[Drawing]]:
    """Return the charts of an experiment, and those of its cuts, as plotly's JSON."""
    return _drawn(shown, charts(report, any_time)), _drawn(shown, cut_charts(report))


def _drawn(shown: Experiment, found: Iterable[Chart]) -> list[Drawing]:
    return [
        {
            "chart": chart,
            "figure": json.loads(chart.figure.to_json()),
            "csv": reverse("dashboard-chart", args=[shown.slug, chart.name]),
        }
        for chart in found
    ]


_drawings = VersionedCache(_draw)


def thumbnails(request: HttpRequest, slug: str) -> HttpResponse:
    """Show each video's thumbnail in every arm, side by side."""
    shown = get_object_or_404(Experiment, slug=slug)
    arms = list(shown.arms.order_by("index"))
    pictured = shown.videos.filter(Exists(Thumbnail.objects.filter(video=OuterRef("pk"))))
    videos = pictured.order_by("title", "pk").prefetch_related("thumbnails")
    page = Paginator(videos, VIDEOS_A_PAGE).get_page(request.GET.get("page"))
    equal = {each.video: each.arms for each in equal_arms(shown)}
    shipped = mapped(shown)
    context = {
        "experiment": shown,
        "simulated": shown.simulated,
        "page": page,
        "videos": shown.videos.count(),
        "equal": len(equal),
        "rows": [
            (
                video,
                _pictures(video, arms, shipped.get(video.pk, "")),
                equal.get(video.slug, ()),
            )
            for video in _videos_of(page)
        ],
    }
    return render(request, "dashboards/thumbnails.html", context)


def started() -> QuerySet[Experiment]:
    """Return the experiments that there is something to say about."""
    return Experiment.objects.exclude(state=Experiment.State.DRAFT)


def _videos_of(page: Page[Video]) -> Iterable[Video]:
    return page.object_list


def _pictures(video: Video, arms: list[Arm], shipped: str) -> list[tuple[Arm, Thumbnail | None]]:
    """Return what each arm shows of a video; of a rollout, what its map ships instead, if any."""
    made = {thumbnail.selector: thumbnail for thumbnail in video.thumbnails.all()}
    return [
        (arm, made.get(shipped if shipped and arm.name == SHIPPED else arm.selector))
        for arm in arms
    ]
