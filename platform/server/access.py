"""Access to results: for everybody, or for the site's staff, as COVERLIFT_PUBLIC_REPORTS says."""

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


class MayRead(BasePermission):
    """The same rule for the API."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Tell whether the request may read."""
        del view
        return may_read(request)
