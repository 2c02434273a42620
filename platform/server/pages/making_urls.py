"""Addresses of the console's pages about the making of thumbnails."""

from django.urls import path

from server.pages import making

urlpatterns = [
    path("", making.progress, name="making"),
    path("act/", making.act, name="making-act"),
    path("<slug:slug>/", making.shots, name="making-shots"),
    path("<slug:slug>/pick/", making.pick, name="making-pick"),
]
