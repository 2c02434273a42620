"""The library of videos."""

from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.models import Experiment, Video
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
VIDEOS, ACTS = "/console/videos/", "/console/video-acts/"


def titles(console: Client, **asked: str) -> list[str]:
    answer = console.get(VIDEOS, asked)
    assert answer.status_code == 200
    return [row["video"].title for row in answer.context["rows"]]


def failed(slug: str, **fields: Any) -> Video:
    values = {"title": slug, "state": "failed", "error_code": "x", "error_message": "it is torn"}
    return Video.objects.create(slug=slug, **values | fields)


def test_an_empty_library_says_where_to_begin(console: Client) -> None:
    page = console.get(VIDEOS).content.decode()
    assert "No video yet" in page
    assert 'href="/console/uploads/"' in page


def test_search_filters_and_order(console: Client, settings: Any) -> None:
    settings.SELECTORS = ("raw", "gevaden")
    make_video("bikes", ("raw", "gevaden"))
    make_video("walks", ("raw",))
    failed("torn", title="A torn film", duration_s=99.0)
    experiment = make_experiment("spring", videos=1)
    experiment.videos.add(Video.objects.get(slug="walks"))
    assert titles(console) == ["Spring-0", "A torn film", "Walks", "Bikes"]
    assert titles(console, sort="title") == ["A torn film", "Bikes", "Spring-0", "Walks"]
    assert titles(console, sort="longest")[0] == "A torn film"
    assert titles(console, q="TORN") == ["A torn film"]
    assert titles(console, q="bike") == ["Bikes"]
    assert titles(console, state="failed") == ["A torn film"]
    assert titles(console, experiment="spring") == ["Spring-0", "Walks"]
    assert titles(console, arm="has gevaden") == ["Spring-0", "Bikes"]
    assert titles(console, arm="lacks gevaden") == ["A torn film", "Walks"]
    assert titles(console, arm="lacks gevaden", state="ready", q="w") == ["Walks"]
    assert "No video is like that." in console.get(VIDEOS, {"q": "none"}).content.decode()


def test_entries_without_a_file_stand_behind_the_films(console: Client) -> None:
    make_video("bikes")
    Video.objects.create(slug="drawn", title="Drawn later, without a file")
    assert titles(console) == ["Bikes", "Drawn later, without a file"]


@pytest.mark.parametrize("asked", [{"state": "odd"}, {"sort": "odd"}, {"experiment": "odd"},
                                   {"arm": "has odd"}, {"page": "odd"}, {"q": "\0"}])  # fmt: skip
def test_what_cannot_be_meant_filters_nothing(console: Client, asked: dict[str, str]) -> None:
    make_video("bikes")
    assert titles(console, **asked) == ["Bikes"]


def test_pages_keep_what_was_asked_for(console: Client) -> None:
    Video.objects.bulk_create(Video(slug=f"v{n}", title=f"v{n:03}") for n in range(120))
    page = console.get(VIDEOS, {"q": "v", "sort": "title", "page": "2"})
    assert [row["video"].title for row in page.context["rows"]][::49] == ["v050", "v099"]
    assert 'href="?q=v&amp;sort=title&amp;page=3"' in page.content.decode()


def test_what_failed_of_those_ticked_is_tried_again(console: Client, sent: list[str]) -> None:
    for slug in ("a", "b", "c"):
        failed(slug)
    make_video("fine")
    chosen = {"act": "retry", "video": ["a", "b", "fine"], "query": ""}
    page = console.post(ACTS, chosen, follow=True).content.decode()
    assert "2 of them had failed and are tried again." in page
    assert sent == ["make_thumbnails"] * 2
    assert set(Video.objects.filter(state="waiting").values_list("slug", flat=True)) == {"a", "b"}


def test_an_act_on_all_is_on_all_that_were_looked_for(console: Client, sent: list[str]) -> None:
    Video.objects.bulk_create(
        Video(slug=f"v{n}", title="x", state="failed", error_code="x") for n in range(60)
    )
    failed("other")
    page = console.post(ACTS, {"act": "retry", "all": "1", "query": "q=v"}, follow=True)
    assert "60 of them had failed" in page.content.decode()
    assert sent == ["send_make_thumbnails"]
    assert Video.objects.get(slug="other").state == "failed"


def test_other_acts_are_refused(console: Client) -> None:
    answer = console.post(ACTS, {"act": "dance"}, follow=True).content.decode()
    assert "act == &#x27;dance&#x27;, must be retry, first, last or delete" in answer


def test_few_queries_however_many_there_are(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    experiment = make_experiment("spring", videos=60)
    for number in range(50):
        other = Experiment.objects.create(slug=f"e{number}", name=f"e{number}")
        other.videos.set(experiment.videos.all()[:20])
    with django_assert_max_num_queries(15):
        console.get(VIDEOS, {"experiment": "spring", "arm": "has gevaden", "q": "s"})
