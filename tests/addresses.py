"""Addresses of the site, as Django's list of them has them."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

PASSED_BY = {"console/admin/(?P<url>.*)$"}  # whatever leads nowhere in Django's admin


def routes() -> set[str]:
    return set(_routes(get_resolver(), "")) - PASSED_BY


def _routes(resolver: URLResolver, before: str) -> Iterator[str]:
    for each in resolver.url_patterns:
        route = before + str(each.pattern)
        if isinstance(each, URLPattern):
            yield route
        else:
            yield from _routes(each, route)
