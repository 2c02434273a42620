"""An operator's whole way, in a browser and without a shell: from a new site to a shipped arm.

The site's own programs run: web servers, worker, clock. Each step is a function that goes on where
the one before it ended; another one is appended to STEPS. With COVERLIFT_PICTURES=FOLDER the steps
leave the pictures of docs/operating.md there (`make pictures`).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Page, expect

from standalone.processes import free_port, programs, site_commands, wait_until_ready
from standalone.stack import Site, first_account
from tests import browser, chromium
from tests.clips import write_clip
from tests.conftest import SHARED
from tests.functional.own_workers import own_database
from tests.waiting import PATIENCE_S, wait_until

pytestmark = [pytest.mark.functional, chromium.needed]
# Public domain, by NASA and the US government.
CLIPS = ("nasa_13013.mp4", "nasa_sdo_venus_transit.mkv", "spirit_of_43_hecate_sum.mp4")
PASSWORD = "three videos to a decision"
VIEWERS = 1_500
WIDTH_PX, HEIGHT_PX = 1200, 820


@dataclass
class Walk:
    """One operator's browser at a site of the test's own."""

    page: Page
    site: Site
    folder: Path

    def picture(self, name: str) -> None:
        """Leave a picture of the page as it is, where pictures are wanted."""
        if browser.PICTURES:
            self.page.wait_for_load_state("networkidle")
            self.page.evaluate("scrollTo(0, 0)")
            path = Path(browser.PICTURES) / f"{name}.jpg"
            self.page.screenshot(path=path, type="jpeg", quality=75)

    def go(self, *links: str) -> None:
        """Click one link after the other, by what they say."""
        for link in links:
            self.page.get_by_role("link", name=link, exact=True).first.click()

    def press(self, button: str) -> None:
        """Press a button, by what it says."""
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def reload_until(self, text: str | re.Pattern[str]) -> None:
        """Load the page again and again until it says this."""

        def says() -> bool:
            self.page.reload()
            return self.page.get_by_text(text).count() > 0

        wait_until(says, f"{self.page.url} says {text}")


def first_visit(walk: Walk) -> None:
    """The printed link makes the first account."""
    line = first_account(walk.site, walk.site.url)
    (link,) = re.findall(r"http\S+", line)
    walk.page.goto(link)
    walk.picture("first-visit")
    walk.page.get_by_label("Username").fill("ada")
    walk.page.get_by_label("Password", exact=True).fill(PASSWORD)
    walk.page.get_by_label("Password confirmation").fill(PASSWORD)
    walk.press("Make the account")
    walk.page.get_by_text("Welcome: this is your console.").wait_for()
    assert first_account(walk.site, walk.site.url) == ""


def three_videos(walk: Walk) -> None:
    """Files are sent, checked and made into thumbnails by the site's own worker."""
    walk.go("Add videos")
    walk.page.get_by_label("Choose files").set_input_files(clips(walk.folder))
    expect(walk.page.get_by_text("thumbnails ready")).to_have_count(3)
    walk.picture("add-videos")
    walk.go("Videos")
    expect(walk.page.locator("tbody tr")).to_have_count(3)
    walk.picture("videos")
    walk.page.locator("tbody th a").first.click()
    walk.page.locator(".storyboard .frame").first.wait_for()
    walk.picture("video")


def own_image(walk: Walk) -> None:
    """Each video takes a picture of one's own, which may be an arm."""
    walk.go("Videos")
    for address in walk.page.locator("tbody th a").evaluate_all("all => all.map((a) => a.href)"):
        walk.page.goto(address)
        walk.go("Own pictures …")
        walk.page.get_by_label("Name").fill("cover")
        walk.page.get_by_label("File").nth(1).set_input_files(cover(walk.folder))
        walk.press("Bring it")
        walk.page.get_by_text("waiting for a worker").first.wait_for()
    walk.page.get_by_text("waiting for a worker").first.wait_for(state="detached")
    walk.picture("own-pictures")


def new_experiment(walk: Walk) -> None:
    """Question, videos, arms by picture, length, and a checklist; as a trial, to see it all."""
    walk.go("Experiments", "New experiment")
    walk.page.get_by_label("What do you want to find out?").fill(
        "Do moving thumbnails bring more clicks?"
    )
    walk.page.get_by_label("Name").fill("Do GIFs help")
    walk.picture("question")
    walk.press("Next")
    walk.page.locator("input[name=which][value=all]").check()
    walk.picture("which-videos")
    walk.press("Next")
    choose_arms(walk, ("raw", "gevaden", "cover"))
    walk.picture("arms")
    walk.press("Next")
    walk.page.get_by_label("Views a day").fill("20000")
    walk.page.locator("#forecast table").first.wait_for()
    walk.picture("length")
    walk.press("Next")
    walk.page.goto(f"{walk.site.url}/console/experiments/do-gifs-help/trial/")
    walk.press("Make this draft a trial")
    walk.page.goto(f"{walk.site.url}/console/experiments/do-gifs-help/edit/launch/")
    walk.page.get_by_label("Viewers who take part").select_option("0.5")
    walk.page.get_by_label("Reason").fill("planned for spring")
    walk.picture("checklist")
    walk.press("Launch")
    walk.page.get_by_text("runs: the feed shows it within 5 seconds").wait_for()


def choose_arms(walk: Walk, selectors: tuple[str, ...]) -> None:
    """Tick these arms alone, share the viewers among them, and compare with the first."""
    for box in walk.page.locator("input[name=arm]").all():
        box.set_checked(box.get_attribute("value") in selectors)
    walk.page.locator(f"input[name=control][value={selectors[0]}]").check()
    for selector, share in zip(selectors, ("34", "33", "33"), strict=True):
        walk.page.locator(f"input[name=share-{selector}]").fill(share)


def simulated_viewers(walk: Walk) -> None:
    """A trial is sent simulated viewers, and its verdict can be read."""
    walk.go("Simulated viewers")
    walk.page.get_by_label("Viewers").fill(str(VIEWERS))
    walk.press("Send them")
    expect(walk.page.locator("#groups .badge.good")).to_have_count(1)
    walk.picture("simulated-viewers")
    walk.page.goto(f"{walk.site.url}/console/experiments/do-gifs-help/")
    walk.reload_until(re.compile(r"leads|Winner|Ship|No difference|Not enough", re.IGNORECASE))


def more_viewers(walk: Walk) -> None:
    """More viewers take part, for a reason."""
    walk.page.locator("details.act summary", has_text="Change how many take part").click()
    act = walk.page.locator("details.act[open]")
    act.get_by_label("Viewers who take part").select_option("1")
    act.get_by_label("Reason").fill("all is well")
    act.get_by_role("button").click()
    walk.page.get_by_text("Done: change how many take part.").wait_for()
    walk.picture("experiment")


def decision(walk: Walk) -> None:
    """The end asks what is shipped."""
    walk.go("End and decide")
    walk.page.get_by_label("Ship GIF to all").check()
    walk.page.get_by_label("Held back").select_option("0")
    walk.page.get_by_label("Reason").fill("it won")
    walk.picture("decision")
    walk.press("End it, and do it")
    walk.page.get_by_text("What is measured of it since").wait_for()
    walk.picture("shipped")


def feed_serves_it(walk: Walk) -> None:
    """Every viewer sees the shipped arm from then on."""
    walk.page.goto(f"{walk.site.url}/")
    walk.picture("feed")
    assert walk.page.locator(".card.moves").count() == 3


def webhook(walk: Walk) -> None:
    """Another site is told what happens from now on."""
    walk.go("Webhooks")
    walk.page.get_by_label("Address").fill("https://news.example/coverlift")
    walk.page.get_by_label("an experiment has a verdict").check()
    walk.page.get_by_label("a decision is shipped").check()
    walk.press("Tell it")
    walk.page.get_by_text("is told from now on").wait_for()
    walk.page.locator(".secret").evaluate("secret => { secret.textContent = 'whsec_…'; }")
    walk.picture("webhooks")


def audit_log(walk: Walk) -> None:
    """Every act is there, with who and why."""
    walk.page.goto(f"{walk.site.url}/console/")
    walk.picture("today")
    walk.go("Audit")
    for reason in ("planned for spring", "all is well", "it won"):
        walk.page.get_by_text(reason).first.wait_for()
    walk.picture("audit")


STEPS: tuple[Callable[[Walk], None], ...] = (
    first_visit, three_videos, own_image, new_experiment, simulated_viewers, more_viewers,
    decision, feed_serves_it, audit_log, webhook,
)  # fmt: skip


def clips(folder: Path) -> list[str]:
    """Return three video files: real ones where they are there."""
    real = [SHARED / "data" / "videos" / name for name in CLIPS]
    if all(path.is_file() for path in real):
        return [str(path) for path in real]
    for number in range(3):
        write_clip(folder / f"clip-{number}.mp4", seconds=10 + number, seed=number)
    return [str(folder / f"clip-{number}.mp4") for number in range(3)]


def cover(folder: Path) -> str:
    """Draw a picture of one's own."""
    path = folder / "cover.png"
    picture = Image.new("RGB", (1280, 720), "#00629b")
    draw = ImageDraw.Draw(picture)
    for number in range(6):
        left = 80 + number * 190
        draw.rectangle((left, 260, left + 120, 460), fill=("#e69f00", "#009e73")[number % 2])
    picture.save(path)
    return str(path)


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Iterator[Site]:
    """Start what `make serve` starts, on a database and in folders of the walk's own."""
    port = free_port()
    with (
        own_database(database_url, "test_coverlift_walk", tmp_path) as environment,
        programs(site_commands(port, with_beat=True), environment) as running,
    ):
        url = f"http://127.0.0.1:{port}"
        wait_until_ready(f"{url}/readyz", running)
        yield Site(url, environment, running)


def test_from_a_new_site_to_a_shipped_arm(site: Site, tmp_path: Path) -> None:
    with browser.opened() as opened:
        context = browser.patient(
            opened.new_context(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
        )
        expect.set_options(timeout=PATIENCE_S * 1000)
        walk = Walk(context.new_page(), site, tmp_path)
        for step in STEPS:
            step(walk)
        context.close()
