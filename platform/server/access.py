"""Access: results are for all or for the staff (COVERLIFT_PUBLIC_REPORTS), acts for the staff."""

from collections.abc import Callable, Mapping
from functools import wraps
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from experiments.models import AccessKey
from experiments.scope import Scope
from server.console.typed import ask_to_log_in

Page = Callable[..., HttpResponseBase]


def client_network(request: HttpRequest) -> str:
    """Return the address that a request comes from, as `network_of`."""
    return network_of(request.META)


def network_of(environ: Mapping[str, Any]) -> str:
    """Return the address that a request comes from; of IPv6 its first 64 bits, one customer's.

    In production it is the last that X-Forwarded-For names: the proxy's own word, where all before
    it is the client's.
    """
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    text = forwarded.rpartition(",")[2].strip() or environ.get("REMOTE_ADDR", "")
    try:
        address = ip_address(text)
    except ValueError:
        return "0.0.0.0"  # noqa: S104  nobody's address, shared by all that have none
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False).network_address)
    return str(address)


def may_read(request: HttpRequest | Request) -> bool:
    """Tell whether whoever asks may see reports, counts and what was refused."""
    return bool(settings.PUBLIC_REPORTS) or is_operator(request)


def is_operator(request: HttpRequest | Request) -> bool:
    """Tell whether whoever asks is of the staff, who may look at every page of the console."""
    return bool(request.user.is_active and request.user.is_staff)


def for_analysts(page: Page) -> Page:
    """Show the page to those who may read results; send the others to the login."""

    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if may_read(request):
            return page(request, *args, **kwargs)
        return ask_to_log_in(request)

    return guarded


def for_operators(page: Page) -> Page:
    """Show the page of the console to the staff; let others log in, and lose nothing typed."""

    @wraps(page)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return page(request, *args, **kwargs) if is_operator(request) else ask_to_log_in(request)

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
        return may_read(request) and _in_scope(request, Scope.READ, Scope.MANAGE)


class MayChange(BasePermission):
    """Who may take experiments through their life, for the API."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Tell whether the request may change."""
        del view
        return may_change(request) and _in_scope(request, Scope.MANAGE)


def _in_scope(request: Request, *scopes: Scope) -> bool:
    """Tell whether a token opens one of these; a session opens all that its user may."""
    token = request.auth
    return not isinstance(token, AccessKey) or not set(scopes).isdisjoint(token.scopes)
