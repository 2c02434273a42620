"""The storyboard as WebVTT: every moment of the video has its part of the picture."""

import re

import pytest
from django.test import Client
from pytest_django import Settings

from experiments.models import Video
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(.*)#xywh=(.*)")


def with_storyboard(video: Video, times_s: list[float], duration_s: float) -> None:
    video.duration_s = duration_s
    video.storyboard = {
        "file": "strips/a.jpg", "times_s": times_s, "columns": 2, "width": 160, "height": 90,
    }  # fmt: skip
    video.save()


def cues(client: Client, slug: str) -> list[tuple[float, float, str, str]]:
    answer = client.get(f"/watch/{slug}/storyboard.vtt")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/vtt; charset=utf-8"
    head, *blocks = answer.content.decode().rstrip("\n").split("\n\n")
    assert head == "WEBVTT"
    found = [CUE.fullmatch(block) for block in blocks]
    seconds = [
        [int(each[k]) * 3600 + int(each[k + 1]) * 60 + float(each[k + 2]) for k in (1, 4)]
        for each in found
        if each
    ]
    return [
        (start, end, each[7], each[8])
        for (start, end), each in zip(seconds, filter(None, found), strict=True)
    ]


def test_cues_cover_the_video_and_name_the_parts_row_by_row(admin_client: Client) -> None:
    with_storyboard(make_video("bikes"), [0.5, 61.25, 3700.0], 3723.5)
    url = "http://testserver/media/strips/a.jpg"
    assert cues(admin_client, "bikes") == [
        (0.0, 61.25, url, "0,0,160,90"),
        (61.25, 3700.0, url, "160,0,160,90"),
        (3700.0, 3723.5, url, "0,90,160,90"),
    ]


def test_viewers_see_those_of_videos_in_a_feed_alone(client: Client, settings: Settings) -> None:
    settings.PUBLIC_REPORTS = False
    for video in (make_experiment(videos=1).videos.get(), make_video("hidden")):
        with_storyboard(video, [1.0], 12.5)
    assert len(cues(client, "pilot-0")) == 1
    assert client.get("/watch/hidden/storyboard.vtt").status_code == 404
    assert "/watch/pilot-0/storyboard.vtt" not in client.get("/watch/pilot-0/").content.decode()
    Video.objects.update(file="videos/a.mp4")
    assert "/watch/pilot-0/storyboard.vtt" in client.get("/watch/pilot-0/").content.decode()


def test_a_player_of_another_site_may_read_it(admin_client: Client) -> None:
    with_storyboard(make_video("bikes"), [1.0], 12.5)
    elsewhere = {"Origin": "https://shop.example"}
    answer = admin_client.get("/watch/bikes/storyboard.vtt", headers=elsewhere)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_without_a_storyboard_there_is_none(admin_client: Client) -> None:
    make_video("bikes")
    assert admin_client.get("/watch/bikes/storyboard.vtt").status_code == 404
