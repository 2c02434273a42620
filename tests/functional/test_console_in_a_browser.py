"""Every page of the console in a real browser, in its states: for all eyes, widths and schemes."""

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page

from experiments.access_keys import issue
from experiments.models import Video
from experiments.serving import drafts, lifecycle
from experiments.webhooks import addresses
from experiments.webhooks.kinds import Kind
from experiments.webhooks.outbox import announce
from server import first_operator
from tests import browser, chromium
from tests.experiments.world import make_experiment

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]


def furnish() -> None:
    make_experiment("spring", videos=3)
    issue("A shop", ["embed"], origins=["https://shop.example"])
    for number in range(3):
        Video.objects.create(
            slug=f"torn-{number}", title=f"Torn {number}", state=Video.State.FAILED,
            error_code="unreadable", error_message="this is no video",
        )  # fmt: skip
        Video.objects.create(slug=f"next-{number}", title=f"Next {number}", state="waiting")
    over = make_experiment("over", videos=1)
    lifecycle.end(over)
    drafts.copy(over)
    addresses.make("https://news.example/coverlift/of-everything", [Kind.HEALTH_RED])
    for number in range(30):
        announce(Kind.HEALTH_RED, f"spring-{number}", {})


EMPTY = {
    "today": "/console/",
    "videos": "/console/videos/",
    "making": "/console/making/",
    "keys": "/console/keys/",
    "webhooks": "/console/webhooks/",
}
FURNISHED = {
    "today": "/console/",
    "videos": "/console/videos/",
    "video-failed": "/console/videos/torn-1/",
    "video-shown": "/console/videos/spring-1/",
    "deletion": "/console/deletion/?video=spring-1&video=torn-1",
    "making": "/console/making/",
    "keys": "/console/keys/",
    "people": "/console/people/",
    "status": "/console/status/",
    "account": "/console/account/",
    "webhooks": "/console/webhooks/",
    "delete-experiment": "/console/experiments/over/delete/",
    "fairness": "/console/experiments/over-2/fairness/",
}


def test_an_empty_console_shuts_nobody_out(page: Page) -> None:
    for name, address in EMPTY.items():
        page.goto(address)
        browser.look_at(page, f"{name}-empty")


def test_a_furnished_console_shuts_nobody_out(page: Page) -> None:
    furnish()
    for name, address in FURNISHED.items():
        page.goto(address)
        browser.look_at(page, name)


def test_the_first_visit_shuts_nobody_out(page: Page) -> None:
    User.objects.all().delete()
    code = first_operator.new_code()
    page.goto(f"/console/first/#{code}")
    browser.look_at(page, "first-visit")
    assert page.get_by_label("Code").input_value() == code
    assert page.url.endswith("/console/first/")
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password", exact=True).fill("ada")
    page.get_by_label("Password confirmation").fill("ada")
    page.keyboard.press("Enter")
    page.locator(".errors").first.wait_for()
    browser.look_at(page, "first-visit-wrong")


def test_the_login_and_its_errors_shut_nobody_out(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/console/making/?code=crashed")
    browser.look_at(page, "login")
    page.get_by_label("Username").fill("root")
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    browser.look_at(page, "login-wrong")
