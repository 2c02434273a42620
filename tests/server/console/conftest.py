"""What tests of the console's pages may use."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.server.console.tasks import noted


@pytest.fixture
def console(admin_client: Client) -> Client:
    """Return a browser of an operator who may do everything, named "admin"."""
    return admin_client


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
