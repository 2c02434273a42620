"""Every address tells browsers what they may not do with it."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from server.health import PROBES
from server.roles import Role
from tests.experiments.world import make_experiment
from tests.server.people import logged_in
from tests.server.test_access_table import address, tried

pytestmark = pytest.mark.django_db
ALWAYS = {
    "Strict-Transport-Security": "max-age=60",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def test_every_answer_has_them(settings: Settings) -> None:
    settings.SECURE_HSTS_SECONDS = 60
    make_experiment(videos=1)
    client = logged_in(Role.ADMINISTRATOR)
    for method, route in tried():
        if route.endswith("logout/") or method not in {"GET", "POST"} or f"/{route}" in PROBES:
            continue  # a probe is no page's, and answered before all else
        headers = client.generic(method, address(route), secure=True).headers
        assert {name: headers.get(name) for name in ALWAYS} == ALWAYS, f"{method} {route}"
        assert "camera=()" in headers["Permissions-Policy"], route
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in policy, route
        assert "unsafe" not in policy, route


def test_so_has_what_is_not_found_or_not_allowed() -> None:
    for path in ("/none/", "/console/"):
        headers = Client().get(path, secure=True).headers
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Permissions-Policy"]
