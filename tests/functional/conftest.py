"""A real browser for the tests of a folder, and a tab of somebody who has logged in."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page

from tests import browser


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def page(chrome: Browser, live_server: Any) -> Iterator[Page]:
    """Give a tab of an administrator, who may see and do everything, logged in."""
    context = browser.patient(chrome.new_context(base_url=live_server.url))
    browser.log_in(context, live_server.url, User.objects.create_superuser("root"))
    yield context.new_page()
    context.close()
