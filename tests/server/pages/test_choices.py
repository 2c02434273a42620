"""The page of the blind choice: what it shows, what it takes, and what it tells nobody."""

import csv
import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experiments.models import Choice, Thumbnail
from server.roles import Role
from tests.experiments.world import make_video
from tests.server.people import person

pytestmark = pytest.mark.django_db
ADDRESS = "/annotate/choices/"


@pytest.fixture
def annotator(client: Client) -> User:
    video = make_video("v", ("gevaden", "appeal"))
    video.thumbnails.filter(selector="appeal").update(shots_s=[3, 9, 15])
    user = person(Role.ANALYST, "ada")
    client.force_login(user)
    return user


def token(client: Client) -> str:
    found = re.search(r'name="pair" value="([^"]+)"', client.get(ADDRESS).content.decode())
    assert found
    return found[1]


def test_strangers_are_sent_to_the_login(client: Client) -> None:
    for address in (ADDRESS, "/annotate/choices.csv"):
        assert "/console/login/" in client.get(address)["Location"]


@pytest.mark.usefixtures("annotator")
def test_the_page_does_not_tell_who_made_which(client: Client) -> None:
    page = client.get(ADDRESS).content.decode()
    main = page[page.index('<main id="main">') :]
    assert main.count("<img ") == 2
    text = re.sub(r'srcset="[^"]*"|src="[^"]*"', "", main)  # files are named by their content
    assert "gevaden" not in text
    assert "appeal" not in text


@pytest.mark.parametrize("answer", Choice.Answer.values)
def test_each_answer_is_kept_and_the_next_pair_comes(
    client: Client, annotator: User, answer: str
) -> None:
    page = client.post(ADDRESS, {"pair": token(client), "answer": answer}, follow=True)
    assert "You have answered all pairs that there are: 1." in page.content.decode()
    kept = Choice.objects.get()
    assert (kept.annotator, kept.answer) == (annotator, answer)
    assert {kept.left, kept.right} == {"gevaden", "appeal"}


@pytest.mark.usefixtures("annotator")
def test_other_answers_and_made_up_pairs_are_not_kept(client: Client) -> None:
    given = token(client)
    assert client.post(ADDRESS, {"pair": given, "answer": "neither"}).status_code == 400
    client.post(ADDRESS, {"pair": given[:-2], "answer": "left"})
    Thumbnail.objects.filter(selector="appeal").update(shots_s=[1, 2, 3])  # made again meanwhile
    client.post(ADDRESS, {"pair": given, "answer": "left"})
    assert not Choice.objects.exists()


@pytest.mark.usefixtures("annotator")
def test_choices_are_exported(client: Client) -> None:
    client.post(ADDRESS, {"pair": token(client), "answer": "right"})
    [row] = csv.DictReader(client.get("/annotate/choices.csv").content.decode().splitlines())
    [same] = client.get("/annotate/choices.json").json()
    assert (row["answer"], row["video"]) == ("right", "v") == (same["answer"], same["video"])
    assert row["left_shots_s"] == str(same["left_shots_s"])
    assert client.get("/annotate/choices.xml").status_code == 404
