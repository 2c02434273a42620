"""A real Chromium that is driven: pages are opened, clicked, typed into, and looked at by axe-core.

`chromium.py` opens a page once and returns what it became; this is for whoever goes on from there.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import chromium, layout
from tests.waiting import PATIENCE_S

# Colours do not depend on the width: two looks see every colour and every width.
LOOKS = ((390, "dark"), (1366, "light"))
OTHER_LOOKS = ((390, "light"), (1366, "dark"))
HEIGHT_PX = 900
# All rules are tried; what they pass is told in short, and does not leave the page.
FIND_VIOLATIONS = "axe.run({resultTypes: ['violations']}).then((found) => found.violations)"
SETTLED_MS = 500  # after which charts have the width of a screen that has just changed
# Where set, every page that is looked at leaves its picture there, for human eyes.
PICTURES = os.environ.get("COVERLIFT_PICTURES", "")


@contextmanager
def opened(*, keeps_pages: bool = False) -> Iterator[Browser]:
    """Run a browser for as long as the block lasts.

    Args:
        keeps_pages: keep those that are left for the way back, as people's browsers do.
    """
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright runs a loop in this thread, which Django takes for code that must not wait.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(
            executable_path=chromium.PROGRAM, args=["--no-sandbox"], timeout=PATIENCE_S * 1000,
            ignore_default_args=["--disable-back-forward-cache"] if keeps_pages else None,
        )  # fmt: skip
        yield browser
        browser.close()


def patient(context: BrowserContext) -> BrowserContext:
    """Let the context wait as long as a busy machine needs."""
    context.set_default_timeout(20_000)
    return context


def log_in(context: BrowserContext, url: str, user: User) -> None:
    """Give the context the session of a user who has logged in at the site."""
    client = Client()
    client.force_login(user)
    for cookie in client.cookies.values():
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])


def look_at(page: Page, name: str) -> None:
    """Look at the page as it is: in each width and scheme nobody must be shut out of it.

    Raises:
        AssertionError: where axe-core finds something serious or critical, the page is wider than
            the screen, or a control is too small for a finger.
    """
    for width_px, scheme in LOOKS + OTHER_LOOKS if PICTURES else LOOKS:
        page.set_viewport_size({"width": width_px, "height": HEIGHT_PX})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        if PICTURES:
            page.wait_for_timeout(SETTLED_MS)
            file = Path(PICTURES) / f"{name}-{width_px}-{scheme}.png"
            page.screenshot(path=file, full_page=True)
        assert violations(page) == [], f"{name}, {width_px} px, {scheme}"
        assert layout.small_controls(page) == [], f"{name}, {width_px} px"
        wide_px = page.evaluate("document.documentElement.scrollWidth")
        assert wide_px <= width_px, f"{name}: {wide_px} px wide on a screen of {width_px} px"


def violations(page: Page) -> list[str]:
    """Return what axe-core finds that is serious or critical, with the elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    return [
        f"{found['id']}: {[node['target'] for node in found['nodes']][:5]}"
        for found in page.evaluate(FIND_VIOLATIONS)
        if found["impact"] in {"serious", "critical"}
    ]
