"""Access: results are for all or for the staff (COVERLIFT_PUBLIC_REPORTS), acts for the staff."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

Page = Callable[..., HttpResponseBase]


def may_read(request: HttpRequest | Request) -> bool:
    """Tell whether whoever asks may see reports, counts and what was refused."""
    return bool(settings.PUBLIC_REPORTS or (request.user.is_active and request.user.is_staff))


def for_analysts(page: Page) -> Page:
    """Show the page to those who may read results; send the others to the console's login."""

    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if may_read(request):
            return page(request, *args, **kwargs)
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))

    return guarded


def may_change(request: Request) -> bool:
    """Tell whether whoever asks may start, change and end experiments, here as in the console."""
    user = request.user
    return bool(user.is_active and user.is_staff and user.has_perm("experiments.change_experiment"))


class MayRead(BasePermission):
    """Who may see results, for the API."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Tell whether the request may read."""
        del view
        return may_read(request)


class MayChange(BasePermission):
    """Who may take experiments through their life, for the API."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Tell whether the request may change."""
        del view
        return may_change(request)
