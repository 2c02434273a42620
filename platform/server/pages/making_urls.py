"""Addresses of the console's page about the making of thumbnails."""

from django.urls import path

from server.pages import making

urlpatterns = [
    path("", making.progress, name="making"),
    path("act/", making.act, name="making-act"),
]
