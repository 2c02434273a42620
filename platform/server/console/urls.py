"""Addresses of the console."""

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LogoutView
from django.urls import path

from server.console import first_visit, keys, today, trial
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
    path("logout/", LogoutView.as_view(next_page="console:login"), name="logout"),
]
