"""The page of an experiment's videos one by one, and their tables for spreadsheets."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from experiments.analysis.report.no_report import NoReportError, reporting_on
from experiments.analysis.videos import sentences
from experiments.analysis.videos.cache import current_videos
from experiments.analysis.videos.record import ArmLifts, Standing, VideoArm, VideoReport, VideoRow
from experiments.analysis.videos.table import as_map, as_table
from experiments.models import Thumbnail
from server.pages.charts import Chart
from server.pages.dashboards import started
from server.pages.video_charts import quantiles, spread
from server.pages.video_filters import VideoFilter

VIDEOS_A_PAGE = 20
SIDE_BY_SIDE = 3  # winners, and losers
Picture = tuple[VideoArm, int, Thumbnail | None]
Shown = tuple[VideoRow, VideoArm, list[Picture]]


def videos(request: HttpRequest, slug: str) -> HttpResponse:
    """Show every video: counts, lift, how sure it is, and the arm to ship."""
    shown = get_object_or_404(started(), slug=slug)
    try:
        with reporting_on(shown):
            report = current_videos(shown)
    except NoReportError as error:
        context = {"experiment": shown, "reason": error}
        return render(request, "dashboards/no_report.html", context)
    context = _said(report) | (_listed(request, report) if report.videos else {})
    return render(request, "dashboards/videos.html", context)


def table(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with a line for each video and arm, for spreadsheets."""
    del request
    return _csv(slug, "videos", as_table(current_videos(get_object_or_404(started(), slug=slug))))


def decision_map(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with the arm to ship for each video, for spreadsheets."""
    del request
    return _csv(slug, "map", as_map(current_videos(get_object_or_404(started(), slug=slug))))


def lifts(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer with how the lifts of an arm are spread, for spreadsheets."""
    report = current_videos(get_object_or_404(started(), slug=slug))
    if report.videos:
        arm = VideoFilter(request.GET, report).arm_name
        chart = spread(report, arm, list(report.selectors).index(arm))
        if chart and chart.table:
            return _csv(slug, "lifts", chart.table.as_csv())
    raise Http404(f"no video of {slug} has a lift")


def _csv(slug: str, name: str, text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{slug}-{name}.csv"'
    return answer


def _said(report: VideoReport) -> dict[str, object]:
    return {
        "report": report,
        "simulated": report.simulated,
        "trust": sentences.trust(report),
        "gain": sentences.gain(report),
        "noise": sentences.noise(report.noise),
        "changed_shares": sentences.changed_shares(report),
    }


def _listed(request: HttpRequest, report: VideoReport) -> dict[str, object]:
    asked = VideoFilter(request.GET, report)
    found = asked.of(report.videos)
    page = Paginator(found, VIDEOS_A_PAGE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    winners, losers = (
        asked.surest(report.videos, standing, SIDE_BY_SIDE)
        for standing in (Standing.BETTER, Standing.WORSE)
    )
    pictures = _pictures([*listed, *winners, *losers])
    return {
        "filter": asked,
        "arm": _summary(report, asked.arm_name),
        "about": sentences.about_arm(report, _summary(report, asked.arm_name)),
        "spread": sentences.spread(_summary(report, asked.arm_name)),
        "page": page,
        "found": len(found),
        "rows": _with_pictures(report, listed, pictures),
        "extremes": (
            ("Surest winners", _with_pictures(report, winners, pictures)),
            ("Surest losers", _with_pictures(report, losers, pictures)),
        ),
        **_spread(report, asked.arm_name),
    }


@lru_cache(maxsize=4)
def _spread(report: VideoReport, arm: str) -> dict[str, object]:
    """Return how the lifts of an arm are spread, which takes longer to draw than all the rest."""
    chart = spread(report, arm, list(report.selectors).index(arm))
    items = [_item(report, arm, chart)] if chart else []
    return {"charts": items, "quantiles": quantiles(report, arm)}


def _item(report: VideoReport, arm: str, chart: Chart) -> dict[str, object]:
    csv = f"{reverse('dashboard-lifts-csv', args=[report.slug])}?{urlencode({'arm': arm})}"
    return {"chart": chart, "figure": json.loads(chart.figure.to_json()), "csv": csv}


def _summary(report: VideoReport, arm: str) -> ArmLifts:
    return next(summary for summary in report.summaries if summary.arm == arm)


def _pictures(rows: Iterable[tuple[VideoRow, VideoArm]]) -> dict[tuple[int, str], Thumbnail]:
    """Return the thumbnails of some videos, by the video and the selector."""
    found = Thumbnail.objects.filter(video__in={row.pk for row, _ in rows})
    return {(each.video_id, each.selector): each for each in found}


def _with_pictures(
    report: VideoReport,
    rows: Sequence[tuple[VideoRow, VideoArm]],
    pictures: dict[tuple[int, str], Thumbnail],
) -> list[Shown]:
    return [
        (
            row,
            arm,
            [
                (cell, column, pictures.get((row.pk, report.selectors[cell.arm])))
                for column, cell in enumerate(row.arms)
            ],
        )
        for row, arm in rows
    ]
