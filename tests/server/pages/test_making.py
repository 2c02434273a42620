"""The console shows how far the making is, lets failures be tried again, and shots be picked."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from experiments.making import jobs, thumbnail_steps
from experiments.models import Thumbnail, Video
from experiments.tasks import make_storyboard, make_thumbnails
from tests.clips import write_clip
from tests.experiments.videos import add_video
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
State = Video.State


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note the tasks instead of sending them: no worker listens here."""
    names: list[str] = []

    def note(task: str, *_: object, **__: object) -> None:
        names.append(task)

    for task in (make_thumbnails, make_storyboard):
        monkeypatch.setattr(task, "apply_async", partial(note, task.name))
    return names


@pytest.fixture
def console(admin_client: Client) -> Client:
    return admin_client


def failed(slug: str) -> Video:
    return Video.objects.create(
        slug=slug, title=slug, file="x.mp4", state=State.FAILED, attempts=4, step="features",
        error_code="crashed", error_message=f"{slug}.mp4: features crashed",
    )  # fmt: skip


def page(client: Client, address: str = "/console/making/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_only_staff_may_look(client: Client) -> None:
    for address in ("/console/making/", "/console/making/x/"):
        assert client.get(address).status_code == 302
    assert client.post("/console/making/act/", {"act": "stop"}).status_code == 403


def test_progress_and_failures_with_their_reasons(console: Client) -> None:
    failed("bikes")
    Video.objects.create(slug="next", title="next", state=State.WAITING)
    shown = page(console)
    assert "<strong>1</strong> video still to be made" in shown
    assert "<code>crashed</code> bikes.mp4: features crashed" in shown
    assert "<td>features</td>" in shown


def test_videos_with_a_file_are_found_by_title_or_slug(console: Client) -> None:
    for slug, title, file in (("a-1", "Blue sky", "a.mp4"), ("b-2", "Red sea", "b.mp4")):
        Video.objects.create(slug=slug, title=title, file=file)
    Video.objects.create(slug="c-3", title="Blue without a file")

    everything = page(console)
    by_title, by_slug = (
        page(console, "/console/making/?q=BLUE"),
        page(console, "/console/making/?q=b-2"),
    )

    assert ["Blue sky" in everything, "Red sea" in everything] == [True, True]
    assert "Blue without a file" not in everything + by_title
    assert ["Blue sky" in by_title, "Red sea" in by_title] == [True, False]
    assert 'href="/console/making/b-2/"' in by_slug
    assert "Blue sky" not in by_slug
    assert "No video is called like that." in page(console, "/console/making/?q=nothing")


def test_one_failure_or_all_are_tried_again(console: Client, sent: list[str]) -> None:
    for slug in ("a", "b", "c"):
        failed(slug)
    console.post("/console/making/act/", {"act": "retry", "video": "b"})
    assert list(Video.objects.filter(state=State.WAITING).values_list("slug", flat=True)) == ["b"]
    answer = console.post("/console/making/act/", {"act": "retry"}, follow=True)
    assert "2 videos queued again" in answer.content.decode()
    assert sent == ["make_thumbnails"] * 3
    assert jobs.progress().counts == {"waiting": 3}


def test_a_run_is_stopped_and_resumed(console: Client, sent: list[str]) -> None:
    Video.objects.create(slug="next", title="next", state=State.WAITING)
    assert (
        "1 videos taken out"
        in console.post("/console/making/act/", {"act": "stop"}, follow=True).content.decode()
    )
    assert jobs.progress().unfinished == 0
    console.post("/console/making/act/", {"act": "resume"})
    assert (jobs.progress().unfinished, sent) == (1, ["make_thumbnails"])
    unknown = console.post("/console/making/act/", {"act": "dance"}, follow=True)
    assert "must be stop, resume or retry" in unknown.content.decode()


def test_a_person_picks_another_candidate_of_a_real_clip(
    console: Client, sent: list[str], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.FEATURES_ROOT = tmp_path / "media", tmp_path / "features"
    write_clip(tmp_path / "clip.mp4", seconds=14)
    video = add_video(tmp_path / "clip.mp4")
    jobs.work()
    address = "/console/making/clip/"
    assert "A worker is making them" in page(console, address)
    assert sent == ["make_storyboard"]
    video.refresh_from_db()
    thumbnail_steps.make_storyboard(video)
    storyboard = video.storyboard
    assert storyboard is not None
    shown = page(console, address)
    assert f"/media/{storyboard['file']}" in shown
    assert shown.count('class="frame"') > len(storyboard["times_s"])
    before = Thumbnail.objects.get(selector="gevaden")
    other = before.candidates[1][0]
    console.post(f"{address}pick/", {"selector": "gevaden", "act": "pick", "shot": other})
    assert sent[-1] == "make_thumbnails"
    jobs.work()
    after = Thumbnail.objects.get(selector="gevaden")
    assert (after.shots_s, after.picked_by) == (other, "admin")
    assert after.file.name != before.file.name
    assert "picked by hand by admin" in page(console, address)
    console.post(f"{address}pick/", {"selector": "gevaden", "act": "unpick"})
    jobs.work()
    assert Thumbnail.objects.get(selector="gevaden").file.name == before.file.name


@pytest.mark.parametrize(
    ("shots", "said"),
    [(["1", "2"], "2 shots, must be 3"), (["a", "b", "c"], "must be numbers of seconds")],
)
def test_wrong_shots_are_refused_in_words(
    console: Client, sent: list[str], shots: list[str], said: str
) -> None:
    video = make_video("bikes")
    Thumbnail.objects.update(shots_s=[1, 2, 3])
    posted = {"selector": "gevaden", "act": "pick", "shot": shots}
    answer = console.post("/console/making/bikes/pick/", posted, follow=True)
    assert said in answer.content.decode()
    assert sent == []
    video.refresh_from_db()
    assert video.state == State.READY


def test_a_picture_that_an_experiment_shows_comes_with_a_warning(console: Client) -> None:
    make_experiment(videos=1)
    assert "Shown now by the experiment “pilot”" in page(console, "/console/making/pilot-0/")


def test_a_video_that_cannot_be_shown_says_why(
    console: Client, sent: list[str], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "letter.mp4").write_text("Dear reader")
    video = add_video(tmp_path / "letter.mp4", duration_s=3.0)
    thumbnail_steps.make_storyboard(video)
    assert "could not be shown: letter (videos/letter.mp4) is no video file" in page(
        console, "/console/making/letter/"
    )
    assert sent == []


def test_a_twin_is_marked_and_can_show_its_next_candidate(console: Client, sent: list[str]) -> None:
    video = make_video("bikes", ("gevaden", "re_seq2seq"))
    video.thumbnails.update(
        shots_s=[1, 2, 3], candidates=[[[1, 2, 3], 0.9], [[4, 2, 8], 0.5, 0.123]]
    )
    assert "score 0.5, distinctness 0.12" in page(console, "/console/making/bikes/")
    assert page(console, "/console/making/bikes/").count("The same shots as ") == 2
    asked = {"act": "distinguish", "selector": "gevaden"}
    assert console.post("/console/making/bikes/pick/", asked).status_code == 302
    assert make_thumbnails.name in sent
    shown = page(console, "/console/making/bikes/")
    assert "The same shots as " not in shown
    assert "shows candidate 2, as re_seq2seq shows the same shots" in shown
