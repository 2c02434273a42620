"""Addresses of the pages."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from server.pages import (
    annotation,
    choices,
    dashboards,
    decisions,
    exports,
    feed,
    overview,
    storyboard,
    video_frame,
    videos,
)


def _archives(request: HttpRequest) -> HttpResponse:
    """Import the reader of counts where it is asked for: it takes 40 MB of a web process."""
    from server.pages.archives import archives  # noqa: PLC0415

    return archives(request)


urlpatterns = [
    path("", feed.front, name="front"),
    path("feed/<slug:slug>/", feed.feed, name="feed"),
    path("watch/<slug:slug>/", feed.watch, name="watch"),
    path("watch/<slug:slug>/storyboard.vtt", storyboard.webvtt, name="storyboard"),
    path(
        "watch/<slug:slug>/<int:width>/<int:second>.jpg",
        video_frame.video_frame,
        name="video-frame",
    ),
    path("annotate/", annotation.next_one, name="annotate"),
    path("annotate/agreement/", annotation.agreement, name="annotate-agreement"),
    path("annotate/choices/", choices.choice, name="annotate-choices"),
    path("annotate/choices.<slug:form>", choices.export, name="annotate-choices-export"),
    path("annotate/<int:pk>/", annotation.proposal, name="annotate-proposal"),
    path("dashboards/", overview.index, name="dashboards"),
    path("dashboards/archives/", _archives, name="archives"),
    path("dashboards/decisions/", decisions.decisions, name="decisions"),
    path("dashboards/decisions.csv", decisions.table, name="decisions-csv"),
    path("dashboards/<slug:slug>/", dashboards.experiment, name="dashboard"),
    path("dashboards/<slug:slug>/export.html", exports.export, name="dashboard-export"),
    path("dashboards/<slug:slug>/report.csv", exports.table, name="dashboard-csv"),
    path("dashboards/<slug:slug>/counts.parquet", exports.counts, name="dashboard-counts"),
    path("dashboards/<slug:slug>/charts/lifts.csv", videos.lifts, name="dashboard-lifts-csv"),
    path("dashboards/<slug:slug>/charts/<slug:name>.csv", exports.chart, name="dashboard-chart"),
    path("dashboards/<slug:slug>/videos/", videos.videos, name="dashboard-videos"),
    path("dashboards/<slug:slug>/videos.csv", videos.table, name="dashboard-videos-csv"),
    path("dashboards/<slug:slug>/map.csv", videos.decision_map, name="dashboard-map-csv"),
    path(
        "dashboards/<slug:slug>/thumbnails/",
        dashboards.thumbnails,
        name="dashboard-thumbnails",
    ),
]
