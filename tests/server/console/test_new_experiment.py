"""A new experiment's question and videos, stored step by step."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from experiments.models import Experiment, Thumbnail, Video
from experiments.serving import drafts
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db


def post(client: Client, step: str, **given: object) -> str:
    answer = client.post(f"/console/experiments/{step}/", {"go": "next", **given})
    return str(answer.get("Location")) if answer.status_code == 302 else answer.content.decode()


def test_a_question_and_a_name_make_a_draft_with_a_slug(console: Client) -> None:
    asked = {"question": "Do GIFs help?", "name": "GIFs & co."}
    assert post(console, "new", **asked) == "/console/experiments/gifs-co/edit/videos/"
    draft = Experiment.objects.get()
    assert (draft.state, draft.question) == ("draft", "Do GIFs help?")
    assert post(console, "new", **asked).startswith("/console/experiments/gifs-co-2/")


def test_what_cannot_be_stands_beside_its_field(console: Client) -> None:
    page = post(console, "new", name="n" * 121, question="kept")
    assert "name has 121 characters, must have at most 120" in page
    assert "kept</textarea>" in page
    assert not Experiment.objects.exists()


def test_back_keeps_what_was_typed(console: Client) -> None:
    make_video("v1")
    draft = drafts.open_draft("Spring", "")
    to = post(console, "spring/edit/videos", which="these", video=["v1"], go="back")
    assert to == "/console/experiments/spring/edit/question/"
    assert list(draft.videos.values_list("slug", flat=True)) == ["v1"]
    assert post(console, "spring/edit/question", name="Spring II").endswith("/edit/videos/")
    draft.refresh_from_db()
    assert draft.name == "Spring II"


def test_videos_are_all_or_found_or_marked(console: Client) -> None:
    for slug in ("red-bike", "blue-bike", "boat"):
        make_video(slug)
    Video.objects.create(slug="bare", title="Without a file")
    draft = drafts.open_draft("Spring", "")

    def chosen(**given: object) -> set[str]:
        assert post(console, "spring/edit/videos", **given).endswith("/edit/arms/")
        return set(draft.videos.values_list("slug", flat=True))

    assert chosen(which="all") == {"red-bike", "blue-bike", "boat"}
    assert chosen(which="matching", q="bike") == {"red-bike", "blue-bike"}
    assert chosen(which="these", video=["boat"]) == {"boat"}
    # A mark outlives a search that does not show it.
    assert chosen(which="these", q="bike", video=["red-bike"]) == {"boat", "red-bike"}
    assert "no video is chosen" in post(console, "spring/edit/videos", which="matching", q="moon")
    assert "The search finds 2" in post(
        console, "spring/edit/videos", which="these", q="bike", go="search"
    )


def test_a_search_goes_by_age_thumbnails_and_experiment_too(console: Client) -> None:
    for slug in ("red-bike", "old-bike", "boat"):
        make_video(slug, ("raw",) if slug == "boat" else ("raw", "gevaden"))
    long_ago = timezone.now() - timedelta(days=90)
    Video.objects.filter(slug="old-bike").update(published_at=long_ago)
    Video.objects.filter(slug="boat").update(channel="Harbour")
    draft = drafts.open_draft("Spring", "")

    def found(**given: str) -> set[str]:
        post(console, "spring/edit/videos", which="matching", **given)
        return set(draft.videos.values_list("slug", flat=True))

    assert found(age="28") == {"red-bike", "boat"}
    assert found(age="365", arm="has gevaden") == {"red-bike", "old-bike"}
    assert found(q="harbour") == {"boat"}
    assert found(experiment="spring") == {"boat"}
    assert found(state="ready", q="bike old") == {"old-bike"}


def test_a_step_of_what_has_started_leads_to_its_page(console: Client) -> None:
    draft = drafts.open_draft("Spring", "")
    Experiment.objects.filter(pk=draft.pk).update(state="running", started_at="2026-01-01T00:00Z")
    assert post(console, "spring/edit/videos", which="all") == "/console/experiments/spring/"
    assert console.get("/console/experiments/spring/edit/flight/").status_code == 404


def test_few_queries_with_many_videos(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    drafts.open_draft("Spring", "")
    made = Video.objects.bulk_create(
        Video(slug=f"v{number}", title=f"V {number}") for number in range(300)
    )
    Thumbnail.objects.bulk_create(
        Thumbnail(video=video, selector="raw", size_bytes=1, width=1, height=1, shots_s=[],
                  candidates=[])
        for video in made
    )  # fmt: skip
    with django_assert_max_num_queries(15):
        page = console.get("/console/experiments/spring/edit/videos/").content.decode()
    assert "the first 60 are listed" in page
