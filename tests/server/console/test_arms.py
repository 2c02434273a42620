"""A new experiment's arms, chosen by picture."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experiments.design import Design
from experiments.models import Experiment, Video
from experiments.serving import drafts
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
ADDRESS = "/console/experiments/spring/edit/arms/"


@pytest.fixture
def draft() -> Experiment:
    for number in range(4):
        make_video(f"v{number}")
    made = drafts.open_draft("Spring", "")
    drafts.set_videos(made, Video.objects.all())
    return made


def typed(**other: object) -> dict[str, object]:
    return {
        "arm": ["raw", "gevaden"], "control": "raw", "name-raw": "Still", "name-gevaden": "GIF",
        "share-raw": "60", "share-gevaden": "40", "share-re_seq2seq": "", "go": "next", **other,
    }  # fmt: skip


def test_every_choice_shows_three_videos(console: Client, draft: Experiment) -> None:
    page = console.get(ADDRESS).content.decode()
    for selector in ("raw", "gevaden", "re_seq2seq"):
        for number in range(3):
            assert f"thumbnails/v{number}-{selector}" in page
    assert "v3-raw" not in page


def test_what_is_not_known_of_a_model_stands_beside_its_arm(
    console: Client, draft: Experiment
) -> None:
    page = console.get(ADDRESS).content.decode()
    assert page.count("Caution: its choice is not shown to depend on the video") == 2


def test_the_arms_are_stored_the_control_first(console: Client, draft: Experiment) -> None:
    answer = console.post(ADDRESS, typed(control="gevaden"))
    assert answer["Location"].endswith("/edit/length/")
    arms = [(arm.name, arm.selector, arm.weight) for arm in Design.of(draft).arms]
    assert arms == [("GIF", "gevaden", 40.0), ("Still", "raw", 60.0)]
    page = console.get(ADDRESS).content.decode()
    assert 'value="GIF"' in page
    assert 'name="share-raw" value="60"' in page


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"arm": ["raw"]}, "Choose at least two"),
        ({"control": "re_seq2seq"}, "the control must be one of the arms"),
        ({"share-raw": "70"}, "The shares add up to 110 %, must be 100 %."),
        ({"share-raw": "much"}, "The share is &#x27;much&#x27;, must be a number."),
        ({"share-raw": "nan"}, "The share is nan %, must be over 0 and under 100 %."),
        ({"name-raw": " "}, "The name is empty: give it one."),
        ({"name-raw": "GIF"}, "arm &#x27;GIF&#x27; is given twice"),
    ],
)
def test_what_cannot_be_is_said_and_kept(
    console: Client, draft: Experiment, other: dict[str, object], said: str
) -> None:
    page = console.post(ADDRESS, typed(**other)).content.decode()
    assert said in page
    assert 'name="share-gevaden" value="40"' in page
    assert not draft.arms.exists()


def test_few_queries(
    console: Client, draft: Experiment, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    console.get("/console/audit/")  # a session is noted as seen at its first page
    with django_assert_max_num_queries(15):
        console.get(ADDRESS)
