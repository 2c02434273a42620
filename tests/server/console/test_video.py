"""The page of one video: its thumbnails, shots picked by hand, failures tried again."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from experiments.making import jobs, storyboard_steps
from experiments.models import Thumbnail, Video
from experiments.tasks import make_thumbnails
from tests.clips import write_clip
from tests.experiments.videos import add_video
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
State = Video.State


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_person_picks_another_candidate_of_a_real_clip(
    console: Client, sent: list[str], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT, settings.FEATURES_ROOT = tmp_path / "media", tmp_path / "features"
    write_clip(tmp_path / "clip.mp4", seconds=14)
    video = add_video(tmp_path / "clip.mp4")
    jobs.work()
    address = "/console/videos/clip/"
    assert "A worker is making them" in page(console, address)
    assert sent == ["make_storyboard"]
    video.refresh_from_db()
    storyboard_steps.make_storyboard(video)
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
    answer = console.post("/console/videos/bikes/pick/", posted, follow=True)
    assert said in answer.content.decode()
    assert sent == []
    video.refresh_from_db()
    assert video.state == State.READY


def test_a_picture_that_an_experiment_shows_comes_with_a_warning(console: Client) -> None:
    make_experiment(videos=1)
    assert "Shown now by the experiment “pilot”" in page(console, "/console/videos/pilot-0/")


def test_a_video_that_cannot_be_shown_says_why(
    console: Client, sent: list[str], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    (tmp_path / "letter.mp4").write_text("Dear reader")
    video = add_video(tmp_path / "letter.mp4", duration_s=3.0)
    storyboard_steps.make_storyboard(video)
    assert "could not be shown: letter (videos/letter.mp4) is no video file" in page(
        console, "/console/videos/letter/"
    )
    assert sent == []


def test_a_twin_is_marked_and_can_show_its_next_candidate(console: Client, sent: list[str]) -> None:
    video = make_video("bikes", ("gevaden", "re_seq2seq"))
    video.thumbnails.update(
        shots_s=[1, 2, 3], candidates=[[[1, 2, 3], 0.9], [[4, 2, 8], 0.5, 0.123]]
    )
    assert "score 0.5, distinctness 0.12" in page(console, "/console/videos/bikes/")
    assert page(console, "/console/videos/bikes/").count("The same shots as ") == 2
    asked = {"act": "distinguish", "selector": "gevaden"}
    assert console.post("/console/videos/bikes/pick/", asked).status_code == 302
    assert make_thumbnails.name in sent
    shown = page(console, "/console/videos/bikes/")
    assert "The same shots as " not in shown
    assert "shows candidate 2, as re_seq2seq shows the same shots" in shown


def test_a_twin_without_another_candidate_is_told_what_else_can_be_done(console: Client) -> None:
    video = make_video("bikes", ("gevaden", "re_seq2seq"))
    video.thumbnails.update(shots_s=[1, 2, 3], candidates=[[[1, 2, 3], 0.9]])
    shown = page(console, "/console/videos/bikes/")
    assert "Show the next candidate that differs" not in shown
    assert shown.count("pick shots by hand, or leave the video out") == 2
