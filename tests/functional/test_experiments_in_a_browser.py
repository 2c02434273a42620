"""A test's whole life in a real browser, from its question to what is shipped."""

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image
from playwright.sync_api import Page, expect

from experiments.models import Experiment, Thumbnail
from experiments.serving import feed, lifecycle
from tests import browser, chromium
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_video

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]
COLOURS = {"raw": "#5b6770", "re_seq2seq": "#2a7f62", "gevaden": "#b3541e"}


def furnish(count: int = 4) -> None:
    """Make videos whose thumbnails are real files, a colour for each selector."""
    for number in range(count):
        make_video(f"video-{number}")
    for each in Thumbnail.objects.all():
        picture = io.BytesIO()
        Image.new("RGB", (320, 180), COLOURS[each.selector]).save(picture, "PNG")
        file = ContentFile(picture.getvalue())
        each.file = default_storage.save(f"thumbnails/{each.pk}.png", file)
        each.media_type, each.renditions = "image/png", []
        each.save()


def go_on(page: Page) -> None:
    page.get_by_role("button", name="Next").click()


def share_out(page: Page) -> None:
    """Give three fifths to the first arm: sliders and numbers keep the sum, by keyboard alone."""
    slider = page.get_by_role("slider").first
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Together 100 %")).to_be_visible()
    raw, other = page.locator("[name=share-raw]"), page.locator("[name=share-re_seq2seq]")
    assert (raw.input_value(), other.input_value()) == ("60", "40")
    for typed, shares in (("150", ("100", "0")), ("-5", ("0", "100")), ("60", ("60", "40"))):
        raw.fill(typed)
        raw.press("Tab")
        assert (raw.input_value(), other.input_value()) == shares


def test_from_a_question_to_what_is_shipped(page: Page) -> None:
    furnish()
    page.goto("/console/experiments/")
    browser.look_at(page, "experiments-empty")
    page.get_by_role("link", name="New experiment").first.click()
    page.get_by_label("What do you want to find out?").fill("Do GIFs bring more clicks?")
    page.get_by_label("Name").fill("Spring covers")
    go_on(page)

    page.get_by_label("Title, name or channel").fill("video")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("The search finds 4")).to_be_visible()
    page.get_by_label("All that the search finds").check()
    browser.look_at(page, "new-videos")
    go_on(page)

    page.locator("input[name=arm][value=appeal]").uncheck()  # proposed, and not made here
    page.locator("input[name=arm][value=re_seq2seq]").check()
    share_out(page)
    browser.look_at(page, "new-arms")
    go_on(page)

    page.get_by_label("Views a day").fill("2100")
    expect(page.locator("#forecast")).to_contain_text("28 days")
    page.get_by_label("Days", exact=True).fill("10")
    expect(page.locator("#forecast")).to_contain_text("10 days")
    browser.look_at(page, "new-length")
    go_on(page)

    browser.look_at(page, "new-launch")
    page.get_by_label("Viewers who take part at first").select_option("5 %")
    page.get_by_label("Reason").fill("as planned")
    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_text("5 % of the viewers take part")).to_be_visible()

    page.get_by_text("Change how many take part").first.click()
    act = page.locator("details[open]")
    act.get_by_label("Viewers who take part").select_option("everybody")
    act.get_by_label("Reason").fill("all well")
    browser.look_at(page, "run")
    act.get_by_role("button").click()
    expect(page.get_by_text("100 % of the viewers take part")).to_be_visible()

    page.get_by_role("link", name="End and decide").click()
    page.get_by_role("link", name="Every video").wait_for()  # what the map is worth comes aside
    page.get_by_label("Ship GIF by attention to all").check()
    page.get_by_label("Held back").select_option("nobody")
    page.get_by_label("Reason").fill("it looks better")
    page.get_by_role("button", name="End it, and do it").click()
    expect(page.get_by_text("GIF by attention is shipped, for everybody.").first).to_be_visible()
    browser.look_at(page, "run-decided")

    feed.refresh()
    shipped = set(Thumbnail.objects.filter(selector="re_seq2seq").values_list("file", flat=True))
    page.goto("/feed/spring-covers/")
    shown = page.locator(".cover img").evaluate_all("all => all.map(each => each.src)")
    assert len(shown) == 4
    assert {address.partition("/media/")[2] for address in shown} == shipped


def test_lists_logs_and_previews_shut_nobody_out(page: Page) -> None:
    for number in range(30):
        Experiment.objects.create(slug=f"draft-{number}", name=f"Draft {number}")
    study = counted_study(slug="pilot", ended=False)
    lifecycle.change(study, ramp=0.5, why="all well")
    page.goto("/console/experiments/?q=a")
    browser.look_at(page, "experiments")
    page.goto("/console/audit/")
    browser.look_at(page, "audit")
    page.goto("/console/experiments/pilot/")
    page.get_by_text("Pause").first.click()
    page.locator("details[open] button").click()
    browser.look_at(page, "run-counted")
    page.goto("/console/experiments/pilot/decide/")
    page.get_by_role("link", name="Every video").wait_for()
    browser.look_at(page, "decide-counted")
    page.goto("/feed/pilot/?arm=2")
    browser.look_at(page, "feed-preview")


def test_what_is_wrong_shuts_nobody_out(page: Page) -> None:
    page.goto("/console/experiments/new/")
    page.get_by_label("Name").fill("x" * 121)
    go_on(page)
    page.locator(".errors").first.wait_for()
    page.get_by_label("Name").fill("Empty")
    go_on(page)
    go_on(page)
    expect(page.get_by_text("no video is chosen")).to_be_visible()
    browser.look_at(page, "new-videos-wrong")
    page.goto("/console/experiments/empty/edit/arms/")
    page.locator("[name=share-raw]").fill("95")
    page.locator("[name=name-raw]").fill("")
    go_on(page)
    browser.look_at(page, "new-arms-wrong")
    page.goto("/console/experiments/empty/edit/launch/")
    browser.look_at(page, "new-launch-blocked")
