"""Access by the table of who may (server/access_table.py), for pages and for the API."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from experiments.models import AccessKey
from experiments.scope import Scope
from server.access_table import RESULTS, rule_of
from server.console.typed import ask_to_log_in
from server.roles import Role, role_of

Page = Callable[..., HttpResponseBase]


def client_network(request: HttpRequest) -> str:
    """Return the address that a request comes from, as `network_of`."""
    return network_of(request.META)


def came_through_proxy(request: HttpRequest) -> bool:
    """Tell whether a stranger may ask: in production whoever is inside comes without the proxy."""
    return settings.PRODUCTION and "X-Forwarded-For" in request.headers


def network_of(environ: Mapping[str, Any]) -> str:
    """Return the address that a request comes from; of IPv6 its first 64 bits, one customer's.

    In production it is the last that X-Forwarded-For names: the proxy's own word, where all before
    it is the client's.
    """
    forwarded = environ.get("HTTP_X_FORWARDED_FOR", "") if settings.PRODUCTION else ""
    return _network(forwarded.rpartition(",")[2].strip() or environ.get("REMOTE_ADDR", ""))


@lru_cache(maxsize=20_000)
def _network(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return "0.0.0.0"  # noqa: S104  nobody's address, shared by all that have none
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Network((address, 64), strict=False).network_address)
    return str(address)


def may_read(request: HttpRequest | Request) -> bool:
    """Tell whether whoever asks may see reports."""
    return role_of(request.user) >= RESULTS.least("GET")


def may(request: HttpRequest | Request) -> bool:
    """Tell whether whoever asks may come to the address that they ask for, by this method."""
    match = request.resolver_match
    rule = rule_of(match.route) if match else None
    if rule is None:
        return False
    least = rule.least(str(request.method))
    # Who asks is looked up only where it matters: an answer to anyone varies by no cookie.
    return least is Role.ANYONE or role_of(request.user) >= least


class Guard:
    """Middleware that lets nobody to a page who has no right there; the API asks by itself."""

    def __init__(self, answer: Page) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer as always."""
        return self._answer(request)

    def process_view(self, request: HttpRequest, view: Page, *_: object) -> HttpResponseBase | None:
        """Let pass; or ask to log in, and nothing that was typed is lost.

        Raises:
            PermissionDenied: where somebody who is logged in tries to act without the right.
        """
        if hasattr(view, "cls") or may(request):  # the class that Django REST framework names
            return None
        if request.user.is_authenticated and request.method not in SAFE_METHODS:
            raise PermissionDenied
        return ask_to_log_in(request)


class ByTable(BasePermission):
    """The table's permission for the API, once it knows who asks."""

    def has_permission(self, request: Request, view: object) -> bool:
        """Tell whether the request may pass."""
        del view
        return may(request) and _in_scope(request)


def _in_scope(request: Request) -> bool:
    """Tell whether a token opens this address; a session opens all that its user may."""
    token = request.auth
    if not isinstance(token, AccessKey):
        return True
    looks = request.method in SAFE_METHODS
    opening = {Scope.READ, Scope.MANAGE} if looks else {Scope.MANAGE}
    return not opening.isdisjoint(token.scopes)
