"""What tests of the console's pages may use."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from server.roles import Role
from tests.server.console.tasks import noted
from tests.server.people import logged_in


@pytest.fixture
def console(db: None) -> Client:
    """Return a browser of somebody named "admin" who may do everything, by a group as people do.

    The role takes a query that a superuser's does not. The session is noted as seen, so that what
    a test counts is what a page asks at any look but the first of a minute.
    """
    browser = logged_in(Role.ADMINISTRATOR, "admin")
    browser.get("/console/account/")
    return browser


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the tasks that pages send."""
    return noted(monkeypatch)


@pytest.fixture
def folders(settings: Any, tmp_path: Path) -> Path:
    """Keep all files of the site in a folder of the test's own."""
    for kind in ("MEDIA", "UPLOADS", "FEATURES", "IMPORT"):
        setattr(settings, f"{kind}_ROOT", tmp_path / kind.lower())
    return tmp_path
