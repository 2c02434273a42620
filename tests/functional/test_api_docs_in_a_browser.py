"""The API's own pages in a real browser, under the site's Content-Security-Policy."""

from typing import Any

import pytest

from tests import browser, chromium

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]


def test_every_address_is_shown_and_nothing_is_blocked(live_server: Any) -> None:
    with browser.opened() as chrome:
        page = browser.patient(chrome.new_context()).new_page()
        blocked: list[str] = []
        page.on("console", lambda said: blocked.append(said.text) if said.type == "error" else None)
        page.goto(f"{live_server.url}/api/v1/docs")
        page.get_by_text("/api/v1/experiments/{slug}/decide").first.wait_for()
        assert blocked == []
