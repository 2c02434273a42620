"""Addresses of the pages."""

from django.urls import path

from server.pages import dashboards, feed

urlpatterns = [
    path("", feed.front, name="front"),
    path("feed/<slug:slug>/", feed.feed, name="feed"),
    path("watch/<slug:slug>/", feed.watch, name="watch"),
    path("dashboards/", dashboards.index, name="dashboards"),
    path("dashboards/<slug:slug>/", dashboards.experiment, name="dashboard"),
    path("dashboards/<slug:slug>/thumbnails/", dashboards.thumbnails, name="dashboard-thumbnails"),
]
