"""The page that asks before videos are deleted."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.models import Experiment, Video
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
DELETION, ACTS = "/console/deletion/", "/console/video-acts/"


def test_it_says_what_it_means_then_does_it_and_the_result_stays(console: Client) -> None:
    counted_study(ended=False)
    video = Video.objects.filter(experiments__slug="pilot")[0]
    slug = video.slug
    page = console.get(DELETION, {"video": slug}).content.decode()
    assert "shows the rest from now on; what was counted stays in its result" in page
    assert Video.objects.filter(slug=slug).exists()
    assert "This field is required." in console.post(DELETION, {"video": slug}).content.decode()
    assert Video.objects.filter(slug=slug).exists()
    done = console.post(DELETION, {"video": slug, "why": "rights"}, follow=True).content.decode()
    assert "1 video deleted." in done
    assert not Video.objects.filter(slug=slug).exists()
    report = console.get("/dashboards/pilot/").content.decode()
    assert f"deleted-{video.pk}" in report


def test_what_cannot_be_deleted_now_is_said_before_and_not_done(console: Client) -> None:
    make_experiment("spring", videos=1)
    page = console.get(DELETION, {"video": "spring-0"}).content.decode()
    assert "“spring” is live and would be left with no video: end it first" in page
    console.post(DELETION, {"video": "spring-0", "why": "rights"})
    assert Video.objects.filter(slug="spring-0").exists()


def test_a_selection_is_asked_about_together(console: Client) -> None:
    for slug in ("a", "b", "c"):
        make_video(slug)
    page = console.post(ACTS, {"act": "delete", "video": ["a", "b"]}).content.decode()
    assert "Delete 2 videos?" in page
    console.post(DELETION, {"video": ["a", "b"], "why": "old"})
    assert [video.slug for video in Video.objects.all()] == ["c"]


def test_nothing_chosen_is_said(console: Client) -> None:
    answer = console.post(ACTS, {"act": "delete"}, follow=True)
    assert "No video was chosen." in answer.content.decode()


def test_few_queries_however_many_experiments_have_it(
    console: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    video = make_video("a")
    for number in range(40):
        Experiment.objects.create(slug=f"e{number}", name=f"e{number}").videos.add(video)
    with django_assert_max_num_queries(15):
        console.get(DELETION, {"video": "a"})
