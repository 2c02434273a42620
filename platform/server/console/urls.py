"""Addresses of the console."""

from django.contrib.auth.views import LogoutView
from django.urls import path

from server.console import (
    arms,
    audit_log,
    creatives,
    decide,
    deletion,
    experiments,
    first_visit,
    keys,
    launch,
    length,
    new_experiment,
    own_account,
    people,
    pieces,
    run,
    steps,
    today,
    trial,
    uploads,
    video,
    videos,
)
from server.console.accounts import Login, SetPassword

STEPS = {
    "question": new_experiment.question,
    "videos": new_experiment.videos,
    "arms": arms.arms,
    "length": length.length,
    "launch": launch.launch,
}
app_name = "console"
urlpatterns = [
    path("", today.today, name="today"),
    path("account/", own_account.own_account, name="account"),
    path("audit/", audit_log.audit_log, name="audit"),
    path("experiments/", experiments.experiments, name="experiments"),
    path("experiments/new/", new_experiment.new, name="new"),
    path("experiments/<slug:slug>/", run.experiment, name="experiment"),
    path("experiments/<slug:slug>/decide/", decide.decide, name="decide"),
    path("experiments/<slug:slug>/forecast/", length.forecast, name="forecast"),
    path("experiments/<slug:slug>/edit/<slug:name>/", steps.show, {"pages": STEPS}, name="step"),
    path("first/", first_visit.first_visit, name="first"),
    path("experiments/<slug:slug>/trial/", trial.page, name="trial"),
    path("experiments/<slug:slug>/trial/groups/", trial.groups, name="trial-groups"),
    path("experiments/<slug:slug>/trial/mark/", trial.mark, name="trial-mark"),
    path("videos/<slug:slug>/creatives/", creatives.page, name="creatives"),
    path("videos/<slug:slug>/creatives/rows/", creatives.rows, name="creative-rows"),
    path("videos/<slug:slug>/creatives/remove/", creatives.remove, name="remove-creative"),
    path("keys/", keys.keys, name="keys"),
    path("keys/<int:pk>/revoke/", keys.revoke_key, name="revoke-key"),
    path("login/", Login.as_view(), name="login"),
    path("password/<uidb64>/<token>/", SetPassword.as_view(), name="password"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>/", people.person, name="person"),
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
