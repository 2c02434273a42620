"""The choice between two in a real browser: by keys, and open to everybody."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Page

from experiments.models import Choice, Thumbnail
from tests import browser, chromium
from tests.experiments.world import make_video

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]


@pytest.fixture
def videos(settings: Any, tmp_path: Any) -> None:
    """Two videos with two GIFs each, of two colours."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for slug in ("one", "two"):
        make_video(slug, ("appeal", "gevaden"))
    for place, (selector, colour) in enumerate((("appeal", "teal"), ("gevaden", "green"))):
        file = BytesIO()
        Image.new("RGB", (320, 180), colour).save(file, "PNG")
        name = default_storage.save(f"{colour}.png", ContentFile(file.getvalue()))
        shown = Thumbnail.objects.filter(selector=selector)
        shown.update(file=name, renditions=[], width=320, height=180, shots_s=[place, 8, 15])


@pytest.mark.usefixtures("videos")
def test_keys_choose_and_skip_until_nothing_is_left(page: Page) -> None:
    page.goto("/annotate/choices/")
    assert page.locator(".two button img").count() == 2
    browser.look_at(page, "choice")
    page.keyboard.press("ArrowRight")
    page.wait_for_url("**/annotate/choices/")
    page.get_by_text("1 answered by you").wait_for()
    page.keyboard.press("s")
    page.get_by_text("You have answered all pairs that there are: 2.").wait_for()
    browser.look_at(page, "choice-done")
    assert list(Choice.objects.values_list("answer", flat=True)) == ["right", "skipped"]
