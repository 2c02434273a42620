"""Sessions that end: a time after the login, and sooner where nothing is asked for."""

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase

BEGAN, SEEN = "began_at_s", "seen_at_s"
NOTED_EVERY_S = 60.0  # a write to the database


def end_sessions(
    answer: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware; requests without a session's cookie pass it untouched."""

    def ended(request: HttpRequest) -> HttpResponseBase:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            _look(request, time.time())
        return answer(request)

    return ended


def _look(request: HttpRequest, now_s: float) -> None:
    """End the session where it is over; note now and then that it is used."""
    session = request.session
    began_s, seen_s = session.setdefault(BEGAN, now_s), session.setdefault(SEEN, now_s)
    idle_s = settings.SESSION_IDLE_S
    if now_s - began_s > settings.SESSION_COOKIE_AGE or now_s - seen_s > idle_s:
        logout(request)
    elif now_s - seen_s > min(NOTED_EVERY_S, idle_s / 10):
        session[SEEN] = now_s
