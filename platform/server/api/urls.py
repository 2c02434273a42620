"""Addresses of the api."""

from django.urls import URLPattern, URLResolver, path

from server.api.events import receive_events
from server.api.feed import show_feed
from server.api.reports import ReportView

urlpatterns: list[URLPattern | URLResolver] = [
    path("feed", show_feed, name="api-feed"),
    path("events", receive_events, name="api-events"),
    path("reports/<slug:slug>", ReportView.as_view(), name="api-report"),
]
