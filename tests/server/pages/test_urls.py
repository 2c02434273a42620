"""The addresses of pages: no experiment's slug hides one, or is hidden by one."""

import re

from django.urls import URLPattern

from experiments.design import TAKEN_BY_PAGES
from server.console import urls as console_urls
from server.pages import urls as pages_urls


def test_no_experiment_takes_the_place_of_a_page() -> None:
    patterns = [*pages_urls.urlpatterns, *console_urls.urlpatterns]
    routes = [str(pattern.pattern) for pattern in patterns if isinstance(pattern, URLPattern)]
    fixed = [re.fullmatch(r"(?:dashboards|experiments)/([\w-]+)/", route) for route in routes]
    assert {found[1] for found in fixed if found} == TAKEN_BY_PAGES
