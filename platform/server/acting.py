"""Middleware that tells the audit log who asks: the account, and whether by console or API."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from experiments.audit import Actor, acting
from experiments.door import Door

API = "/api/"
NOBODY = "not logged in"


def name_actor(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware; the account is looked up only where an act is recorded."""

    def named(request: HttpRequest) -> HttpResponseBase:
        with acting(lambda: _actor(request)):
            return answer(request)

    return named


def _actor(request: HttpRequest) -> Actor:
    door = Door.API if request.path.startswith(API) else Door.CONSOLE
    return Actor(request.user.get_username() or NOBODY, door)
