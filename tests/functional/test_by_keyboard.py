"""The operator's main path by keyboard alone: every stop is seen, and no swap takes the focus."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, expect

from experiments.models import Experiment, Video
from experiments.serving.decision import said, standing
from tests import browser, chromium
from tests.experiments.world import make_video
from tests.waiting import PATIENCE_S

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]
MOST_STOPS = 120  # of the Tab key, until what is looked for must have come
PASSWORD = "three videos to a decision"
# What has the focus: what it is called, and whether a person sees that it has it.
FOCUSED = """() => {
  const at = document.activeElement;
  const box = at.getBoundingClientRect();
  const isRinged = (each) => {
    const style = each && getComputedStyle(each);
    return Boolean(style) && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const labels = [...(at.labels ?? [])].map((label) => label.textContent).join(" ");
  const name = at.getAttribute("aria-label") ?? (labels || at.textContent || "");
  return {
    name: name.replace(/\\s+/g, " ").trim(), id: at.id, kind: at.type || at.tagName.toLowerCase(),
    isInMain: Boolean(at.closest("main")),
    isSeen: (isRinged(at) || isRinged(at.closest(".button")))
      && box.width > 0 && box.bottom > 0 && box.top < innerHeight,
  };
}"""


class Keyboard:
    """A person who has no mouse."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.press = page.keyboard.press
        self.type = page.keyboard.type

    def focused(self) -> dict[str, Any]:
        """Return what has the focus now."""
        found: dict[str, Any] = self.page.evaluate(FOCUSED)
        return found

    def to(self, name: str, *kinds: str) -> None:
        """Go on by Tab to what is called so; every stop on the way must be seen."""
        for _ in range(MOST_STOPS):
            self.press("Tab")
            found = self.focused()
            if found["kind"] == "body":  # past the end of the page, and round again
                continue
            assert found["isSeen"], found
            if name in found["name"] and (not kinds or found["kind"] in kinds):
                return
        raise AssertionError(f"no stop of the Tab key is called {name!r}")

    def follow(self, *names: str) -> None:
        """Go to each link or button of a page of its own, and press Enter there."""
        for name in names:
            self.to(name)
            with self.page.expect_navigation():
                self.press("Enter")

    def fill(self, name: str, text: str) -> None:
        """Go to a field, and type into it in the place of what is there."""
        self.to(name, "text", "password", "number", "textarea")
        self.press("Control+A")
        self.type(text)

    def choose(self, name: str) -> None:
        """Go to the next group of radio buttons, and by arrows to the one of this name."""
        self.to("", "radio")
        for _ in range(MOST_STOPS):
            if name in self.focused()["name"]:
                self.press("Space")
                return
            self.press("ArrowDown")
        raise AssertionError(f"no choice is called {name!r}")

    def pick(self, name: str, option: str) -> None:
        """Go to a list, and pick an option by its first letters."""
        self.to(name, "select-one")
        self.type(option)


@pytest.fixture
def keyboard(chrome: Browser, live_server: Any) -> Any:
    context = browser.patient(chrome.new_context(base_url=live_server.url))
    User.objects.create_superuser("root", password=PASSWORD)
    expect.set_options(timeout=PATIENCE_S * 1000)
    yield Keyboard(context.new_page())
    context.close()


def test_from_the_login_to_what_is_shipped(keyboard: Keyboard) -> None:
    for number in range(3):
        make_video(f"video-{number}")
    page = keyboard.page
    page.goto("/console/experiments/")
    keyboard.fill("Username", "root")
    keyboard.fill("Password", PASSWORD)
    with page.expect_navigation():
        keyboard.press("Enter")

    keyboard.press("Tab")
    assert keyboard.focused()["name"] == "Skip to the content"
    keyboard.press("Enter")
    keyboard.press("Tab")
    assert keyboard.focused()["isInMain"]

    page.goto("/console/experiments/")
    keyboard.follow("New experiment")
    keyboard.fill("What do you want to find out?", "Do GIFs help?")
    keyboard.fill("Name", "Spring")
    keyboard.follow("Next")

    keyboard.choose("Those that are marked")
    keyboard.fill("Title, name or channel", "video-1")
    keyboard.to("Search", "submit")
    keyboard.press("Enter")
    expect(page.get_by_text("The search finds 1")).to_be_visible()
    assert keyboard.focused()["name"] == "Search"  # the swap has left it there
    keyboard.to("Video-1", "checkbox")
    keyboard.press("Space")
    keyboard.follow("Next")

    for selector in ("appeal", "re_seq2seq"):  # the one is proposed, and the other made
        keyboard.to(selector, "checkbox")
        keyboard.press("Space")
    keyboard.to("Share", "range")
    for _ in range(10):
        keyboard.press("ArrowRight")
    expect(page.locator("[name=share-raw]")).to_have_value("40")
    keyboard.follow("Next")

    keyboard.fill("Views a day", "2100")
    expect(page.locator("#forecast")).to_contain_text("28 days")
    assert "Views a day" in keyboard.focused()["name"]
    keyboard.follow("Next")

    keyboard.pick("Viewers who take part at first", "50")
    keyboard.fill("Reason", "as planned")
    keyboard.follow("Launch")
    assert list(Experiment.objects.values_list("state", flat=True)) == ["running"]

    keyboard.to("Change how many take part", "summary")
    keyboard.press("Enter")
    keyboard.pick("Viewers who take part", "everybody")
    keyboard.fill("Reason", "all well")
    keyboard.follow("Change how many take part")
    expect(page.get_by_text("100 % of the viewers take part")).to_be_visible()

    keyboard.follow("End and decide")
    keyboard.choose("Ship GIF by attention to all")
    keyboard.pick("Held back", "nobody")
    keyboard.fill("Reason", "it looks better")
    keyboard.follow("End it, and do it")
    made = standing(Experiment.objects.get(slug="spring"))
    assert made is not None
    assert said(made) == "GIF by attention is shipped, for everybody."


def test_a_page_that_renews_itself_leaves_the_focus_where_it_is(
    keyboard: Keyboard, live_server: Any
) -> None:
    Video.objects.create(slug="new", title="New", state="waiting", file="new.mp4")
    Video.objects.create(slug="bad", title="Bad", state="failed", error_code="unreadable")
    page = keyboard.page
    browser.log_in(page.context, live_server.url, User.objects.get())
    page.goto("/console/making/")
    keyboard.to("try all again")
    before = keyboard.focused()["id"]
    with page.expect_response("**/making/part/"):
        pass
    page.wait_for_function("() => !document.querySelector('.htmx-swapping, .htmx-settling')")
    assert before
    assert keyboard.focused()["id"] == before
