"""Videos brought in with a real browser: a lost connection, refusals, and what they become."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Browser, Page, Route

from experiments.making import jobs, storyboard_steps
from experiments.models import Experiment, Intake, Video
from experiments.serving import drafts
from tests import browser, chromium
from tests.clips import write_clip
from tests.experiments.world import make_video
from tests.server.console.tasks import noted

pytestmark = [
    pytest.mark.functional,
    pytest.mark.django_db(transaction=True),
    chromium.needed,
]
PIECES = "**/console/uploads/pieces/**"
MB = 1024 * 1024


@pytest.fixture
def page(
    chrome: Browser, live_server: Any, settings: Any, tmp_path: Path, monkeypatch: Any
) -> Iterator[Page]:
    """Give the page of uploads to an operator; tasks are noted, and done by the test."""
    for kind in ("MEDIA", "UPLOADS", "FEATURES"):
        setattr(settings, f"{kind}_ROOT", tmp_path / kind.lower())
    noted(monkeypatch)
    context = browser.patient(chrome.new_context(base_url=live_server.url))
    browser.log_in(context, live_server.url, User.objects.create_superuser("root"))
    page = context.new_page()
    page.goto("/console/uploads/")
    yield page
    context.close()


def film(path: Path, *, megabytes: int = 0, seed: int = 1) -> Path:
    """Write a clip, made longer by a box that every player passes over."""
    write_clip(path, seconds=8, seed=seed)
    if megabytes:
        with path.open("ab") as file:
            file.write(struct.pack(">I4s", megabytes * MB, b"free") + bytes(megabytes * MB - 8))
    return path


def choose(page: Page, *files: Path) -> None:
    page.get_by_label("Choose files").set_input_files([str(file) for file in files])


def test_a_draft_takes_a_film_right_there_and_keeps_what_was_marked(
    page: Page, tmp_path: Path
) -> None:
    make_video("old")
    drafts.open_draft("Spring", "")
    page.goto("/console/experiments/spring/edit/videos/")
    page.get_by_label("Those that are marked").check()
    page.get_by_role("checkbox", name="Old").check()
    choose(page, film(tmp_path / "Ein Weg.mp4"))
    page.get_by_text("being checked").wait_for()
    browser.look_at(page, "new-videos-upload")
    jobs.work()
    added = page.get_by_role("checkbox", name="Ein Weg")
    added.check()
    assert page.get_by_role("checkbox", name="Old").is_checked()
    page.get_by_role("button", name="Next").click()
    page.get_by_text("Choose the versions by picture").wait_for()
    slugs = Experiment.objects.get().videos.values_list("slug", flat=True)
    assert sorted(slugs) == ["ein-weg", "old"]


def test_files_become_videos_or_are_refused_each_by_itself(page: Page, tmp_path: Path) -> None:
    browser.look_at(page, "uploads-empty")
    (tmp_path / "zip.mp4").write_bytes(b"PK\x03\x04" + bytes(100))
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "notes.txt").write_text("not a video")
    names = ("zip.mp4", "empty.mp4", "notes.txt")
    choose(page, film(tmp_path / "Ein Weg.mp4"), *(tmp_path / name for name in names))
    page.get_by_text("zip.mp4 is a ZIP archive, no video").first.wait_for()
    page.get_by_text("empty.mp4 is empty: its export or copy broke off").wait_for()
    page.get_by_text("Left out, as their names are no videos': notes.txt.").wait_for()
    page.get_by_text("being checked").wait_for()
    browser.look_at(page, "uploads")
    jobs.work()
    page.get_by_role("link", name="Ein Weg").wait_for()
    jobs.work()
    page.get_by_text("thumbnails ready").wait_for()
    page.get_by_role("link", name="Ein Weg").click()
    page.get_by_role("heading", name="Ein Weg").wait_for()
    storyboard_steps.make_storyboard(Video.objects.get())
    page.locator(".storyboard .frame").first.wait_for()  # the page looks again by itself
    browser.look_at(page, "video")
    for image in page.locator("picture img").all():
        image.scroll_into_view_if_needed()
        assert image.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0


def test_a_file_that_ends_while_the_list_is_on_its_way_is_listed(
    page: Page, tmp_path: Path
) -> None:
    looks: list[str] = []

    def come_late(route: Route) -> None:
        looks.append(route.request.url)
        answer = route.fetch()
        if len(looks) == 1:  # for the archive, which is refused while the film is still sent
            assert "being checked" not in answer.text()
            page.locator("#sending li").wait_for(state="detached")
        route.fulfill(response=answer)

    page.route("**/arrivals/*", come_late)
    (tmp_path / "zip.mp4").write_bytes(b"PK\x03\x04" + bytes(100))
    choose(page, film(tmp_path / "long.mp4", megabytes=33), tmp_path / "zip.mp4")
    page.get_by_text("being checked").wait_for()
    assert len(looks) >= 2


def test_a_lost_connection_goes_on_where_it_was(page: Page, tmp_path: Path) -> None:
    starts: list[str] = []

    def lose_the_second(route: Route) -> None:
        if route.request.method == "PATCH":
            starts.append(route.request.headers["upload-offset"])
            if len(starts) == 2:
                route.abort("connectionreset")
                return
        route.continue_()

    page.route(PIECES, lose_the_second)
    path = film(tmp_path / "long.mp4", megabytes=17)
    choose(page, path)
    page.get_by_text("being checked").wait_for()
    assert starts == ["0", str(8 * MB), str(8 * MB), str(16 * MB)]
    (begun,) = Path(tmp_path / "uploads").iterdir()
    assert begun.read_bytes() == path.read_bytes()


def test_a_page_that_was_closed_goes_on_with_the_same_file(page: Page, tmp_path: Path) -> None:
    path = film(tmp_path / "long.mp4", megabytes=9)
    offsets: list[str] = []

    def lose_all_but_the_first(route: Route) -> None:
        if route.request.method == "PATCH":
            offsets.append(route.request.headers["upload-offset"])
            if offsets[-1] != "0":
                route.abort("connectionreset")
                return
        route.continue_()

    page.route(PIECES, lose_all_but_the_first)
    choose(page, path)
    page.get_by_text("The connection is lost: it goes on by itself.").wait_for()
    page.unroute(PIECES)
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto("/console/uploads/")
    page.get_by_text("it goes on from here").wait_for()
    choose(page, path)
    page.get_by_text("being checked").wait_for()
    assert Intake.objects.count() == 1


def test_who_was_logged_out_goes_on_after_the_login(page: Page, tmp_path: Path) -> None:
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    choose(page, film(tmp_path / "walk.mp4"))
    page.get_by_text("Your session has ended").first.wait_for()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as they were
    page.get_by_text("being checked").wait_for()


def test_a_dropped_folder_is_walked_through(page: Page, tmp_path: Path) -> None:
    for number in range(3):
        folder = tmp_path / "films" / str(number)
        folder.mkdir(parents=True)
        film(folder / f"film {number}.mp4", seed=number)
    page.locator("#folder").set_input_files(str(tmp_path / "films"))
    page.locator("#arrivals li").nth(2).wait_for()
    assert {each.name for each in Intake.objects.all()} == {f"film {n}.mp4" for n in range(3)}


def test_without_javascript_a_form_does(
    chrome: Browser, live_server: Any, page: Page, tmp_path: Path
) -> None:
    context = browser.patient(
        chrome.new_context(base_url=live_server.url, java_script_enabled=False)
    )
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]  # as they are
    plain = context.new_page()
    plain.goto("/console/uploads/")
    choose(plain, film(tmp_path / "walk.mp4"))
    plain.get_by_role("button", name="Send").click()
    plain.get_by_text("being checked").wait_for()
    context.close()
