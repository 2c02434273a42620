"""The viewers' pages."""

import re
from datetime import datetime, timedelta

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from experiments.choice import Choice
from experiments.events.clock import now_ms
from experiments.events.ingest import signer
from experiments.models import Arm, Event, Experiment, Video
from experiments.serving import allocation_phases, lifecycle
from experiments.serving import feed as feed_of
from experiments.serving.decision import Shipment, ship
from experiments.surface import Surface
from server.pages.feed import SLOTS_A_PAGE, VIEWER_COOKIE
from server.roles import Role
from tests.experiments.world import BROWSER, make_experiment, make_video
from tests.server.people import person

pytestmark = pytest.mark.django_db

TOKEN = re.compile(r'data-coverlift-token="([^"]+)"')


def page(client: Client, address: str = "/feed/pilot/") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_without_an_experiment_the_front_page_says_what_to_do(client: Client) -> None:
    feed_of.refresh()
    assert "No experiment is running" in page(client, "/")


def test_the_front_page_leads_to_the_latest_experiments_feed(client: Client) -> None:
    make_experiment("older")
    make_experiment("newer")
    assert client.get("/").headers["Location"] == "/feed/newer/"


def test_every_video_is_a_card_with_title_duration_and_a_picture_of_fixed_size(
    client: Client,
) -> None:
    make_experiment(videos=3)
    shown = page(client)
    for number in range(3):
        assert f"<h2>Pilot-{number}</h2>" in shown
        assert f'href="/watch/pilot-{number}/"' in shown
    assert shown.count('<span class="duration">0:12</span>') == 3
    assert shown.count('width="320" height="180"') == 3


def test_a_card_tells_channel_and_age_where_they_are_known(client: Client) -> None:
    make_experiment(videos=2)
    published = timezone.now() - timedelta(days=15)
    Video.objects.filter(slug="pilot-0").update(channel="Parks & Co", published_at=published)
    feed_of.refresh()
    shown = page(client)
    assert shown.count("<bdi>Parks &amp; Co</bdi>") == 1
    assert shown.count("2\N{NO-BREAK SPACE}weeks ago</time>") == 1
    (slot, other) = sorted(
        client.get("/api/feed?viewer=ann").json()["slots"], key=lambda slot: slot["video"]["slug"]
    )
    assert datetime.fromisoformat(slot["video"]["published_at"]) == published
    assert (other["video"]["channel"], other["video"]["published_at"]) == ("", None)


def test_the_tokens_of_the_page_are_accepted_as_events(client: Client) -> None:
    make_experiment(videos=3)
    tokens = TOKEN.findall(page(client))
    assert len(tokens) == 3
    events = {"events": [{"token": token, "step": "viewable"} for token in tokens]}
    answer = client.post(
        "/api/events", events, content_type="application/json", headers={"user-agent": BROWSER}
    )
    assert answer.json()["accepted"] == 3
    assert Event.objects.count() == 3


def test_a_viewer_keeps_the_cookie_and_with_it_every_thumbnail(client: Client) -> None:
    make_experiment(videos=10)
    pictures = re.compile(r'src="(/media/[^"]+)"')
    first = pictures.findall(page(client))
    cookie = client.cookies[VIEWER_COOKIE]
    assert len(cookie.value) >= 20
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert pictures.findall(page(client)) == first
    assert client.cookies[VIEWER_COOKIE].value == cookie.value


def test_viewers_differ(client: Client) -> None:
    make_experiment(videos=10)
    page(client)
    other = Client()
    page(other)
    assert other.cookies[VIEWER_COOKIE].value != client.cookies[VIEWER_COOKIE].value


def test_a_cookie_that_is_no_viewer_is_replaced(client: Client) -> None:
    make_experiment()
    client.cookies[VIEWER_COOKIE] = "x" * 1000
    page(client)
    assert len(client.cookies[VIEWER_COOKIE].value) < 100


def test_who_asks_not_to_be_tracked_gets_no_cookie_and_no_token(
    client: Client, settings: object
) -> None:
    settings.HONOUR_DO_NOT_TRACK = True  # type: ignore[attr-defined]  # pytest-django's wrapper
    make_experiment()
    answer = client.get("/feed/pilot/", headers={"DNT": "1"})
    assert VIEWER_COOKIE not in answer.cookies
    assert TOKEN.findall(answer.content.decode()) == []
    assert "<h2>Pilot-0</h2>" in answer.content.decode()


def test_gifs_are_marked_as_moving_and_stills_are_not(client: Client) -> None:
    make_experiment(videos=1, weights=(0, 1, 0))
    assert '<li class="card moves">' in page(client)
    make_experiment("still", videos=1, weights=(1, 0, 0))
    assert '<li class="card">' in page(client, "/feed/still/")


def test_simulated_traffic_is_said_on_the_page_and_real_traffic_is_not(client: Client) -> None:
    make_experiment("drawn", simulated="drawn by a model")
    make_experiment("real")
    assert "drawn by a model" in page(client, "/feed/drawn/")
    assert "Simulated" not in page(client, "/feed/real/")


def test_further_videos_are_on_further_pages(client: Client) -> None:
    make_experiment(videos=SLOTS_A_PAGE + 2)
    first = page(client)
    assert 'href="?page=1"' in first
    second = page(client, "/feed/pilot/?page=1")
    assert second.count('<span class="cover">') == 2
    assert "More videos" not in second
    titles = re.compile(r"<h2>(Pilot-\d+)</h2>")
    assert len({*titles.findall(first), *titles.findall(second)}) == SLOTS_A_PAGE + 2


@pytest.mark.parametrize("number", ["-1", "x", "²", "999999999"])
def test_a_page_number_that_is_none_shows_the_first_page(client: Client, number: str) -> None:
    make_experiment()
    assert "<h2>Pilot-0</h2>" in page(client, f"/feed/pilot/?page={number}")


def test_past_the_last_page_there_is_nothing_more(client: Client) -> None:
    make_experiment()
    assert "Nothing more to show" in page(client, "/feed/pilot/?page=7")


def test_an_experiment_that_started_only_now_has_a_feed_at_once(client: Client) -> None:
    make_experiment("known")
    experiment = Experiment.objects.create(
        slug="fresh", name="fresh", state="running", started_at=timezone.now()
    )
    for index, selector in enumerate(("raw", "gevaden")):
        Arm.objects.create(experiment=experiment, index=index, name=selector, selector=selector)
    experiment.videos.add(make_video("new"))
    allocation_phases.start(experiment)
    assert "<h2>New</h2>" in page(client, "/feed/fresh/")


def test_a_feed_that_does_not_run_is_not_found(client: Client) -> None:
    answer = client.get("/feed/none/")
    assert answer.status_code == 404
    assert "There is no feed of “none”" in answer.content.decode()
    assert client.get("/api/feed?viewer=ann&experiment=none").status_code == 404


def test_a_paused_feed_says_so_and_counts_nothing(client: Client) -> None:
    lifecycle.pause(make_experiment())
    feed_of.refresh()
    shown = page(client)
    assert "pilot is paused" in shown
    assert TOKEN.findall(shown) == []


def test_others_stand_beside_a_video_as_a_surface_of_their_own(client: Client) -> None:
    make_experiment(videos=4)
    shown = page(client, "/watch/pilot-1/")
    assert sorted(re.findall(r"<h3>(Pilot-\d)</h3>", shown)) == ["Pilot-0", "Pilot-2", "Pilot-3"]
    tokens = [signer().verify(token, now_ms()) for token in TOKEN.findall(shown)]
    assert [(each.surface, each.position) for each in tokens] == [
        (Surface.RELATED, place) for place in range(3)
    ]
    assert len(client.cookies[VIEWER_COOKIE].value) >= 20


def test_a_feed_that_ended_says_so_and_shows_what_was_shipped(client: Client) -> None:
    experiment = make_experiment()
    lifecycle.end(experiment)
    feed_of.refresh()
    assert "nothing of it is shipped" in page(client, "/feed/pilot/")
    ship(experiment, Shipment(Choice.ARM, "gevaden", holdback=0.0))
    feed_of.refresh()
    shown = page(client, "/feed/pilot/")
    assert "<h2>Pilot-0</h2>" in shown
    assert "gevaden is shipped, for everybody." in shown
    assert "thumbnails/pilot-0-gevaden" in shown


def test_titles_are_text_and_never_markup(client: Client) -> None:
    experiment = make_experiment()
    Video.objects.filter(slug="pilot-0").update(title="<script>alert(1)</script>")
    feed_of.refresh()
    shown = page(client)
    assert "<script>alert" not in shown
    assert "&lt;script&gt;alert(1)" in shown
    assert "<script>alert" not in page(client, "/watch/pilot-0/")
    experiment.refresh_from_db()


def test_a_video_with_a_file_plays_and_a_catalogue_entry_says_that_it_cannot(
    client: Client, settings: object, tmp_path: object
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]  # pytest-django's wrapper
    video = make_video("bikes")
    assert "there is no file of it here" in page(client, "/watch/bikes/")
    video.file.save("bikes.mp4", ContentFile(b"film"))
    assert f'src="{video.file.url}"' in page(client, "/watch/bikes/")
    for playable, said in (
        ({"file": "playable/bikes.mp4"}, 'src="/media/playable/bikes.mp4"'),
        ({"error": "it is damaged"}, "cannot be shown in a browser"),
        ({}, f'src="{video.file.url}"'),
    ):
        Video.objects.update(playable=playable)
        assert said in page(client, "/watch/bikes/")
    Video.objects.update(playable=None, file="videos/bikes.mkv")
    assert "is being prepared for browsers" in page(client, "/watch/bikes/")
    answer = client.get("/watch/none/")
    assert answer.status_code == 404
    assert "“none” is not shown here" in answer.content.decode()


def test_viewers_watch_what_is_in_a_feed_and_those_who_read_results_any_video(
    client: Client, settings: Settings
) -> None:
    settings.PUBLIC_REPORTS = False
    lifecycle.end(make_experiment("over"))
    make_experiment("now")
    make_video("unpublished")
    addresses = ["/watch/now-0/", "/watch/over-0/", "/watch/unpublished/"]
    assert [client.get(address).status_code for address in addresses] == [200, 404, 404]
    client.force_login(person(Role.VIEWER_OF_REPORTS))
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200]
