"""Addresses of the console."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LogoutView
from django.urls import path

from server.console import (
    deletion,
    first_visit,
    keys,
    pieces,
    today,
    trial,
    uploads,
    video,
    videos,
)
from server.console.accounts import Login

LOGIN = {
    "template_name": "console/login.html",
    "authentication_form": AuthenticationForm,
    "next_page": "console:today",
}
app_name = "console"
urlpatterns = [
    path("", today.today, name="today"),
    path("first/", first_visit.first_visit, name="first"),
    path("experiments/<slug:slug>/trial/", trial.page, name="trial"),
    path("experiments/<slug:slug>/trial/groups/", trial.groups, name="trial-groups"),
    path("experiments/<slug:slug>/trial/mark/", trial.mark, name="trial-mark"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:pk>/revoke/", keys.revoke_key, name="revoke-key"),
    path("login/", Login.as_view(**LOGIN), name="login"),
    path("videos/", videos.videos, name="videos"),
    path("video-acts/", videos.act, name="video-acts"),
    path("videos/<slug:slug>/", video.video, name="video"),
    path("videos/<slug:slug>/state/", video.state, name="video-state"),
    path("videos/<slug:slug>/pick/", video.pick, name="pick"),
    path("videos/<slug:slug>/retry/", video.retry, name="video-retry"),
    path("deletion/", deletion.deletion, name="deletion"),
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/arrivals/", uploads.arrivals, name="arrivals"),
    path("uploads/pieces/", pieces.create, name="pieces"),
    path("uploads/pieces/<uuid:key>/", pieces.piece, name="piece"),
    path("logout/", LogoutView.as_view(next_page="console:login"), name="logout"),
]
