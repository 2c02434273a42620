"""The annotator's page."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experiments.models import Judgement, Proposal
from server.roles import Role
from tests.experiments.world import make_video
from tests.server.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def annotator(client: Client) -> User:
    user = person(Role.ANALYST, "ada")
    client.force_login(user)
    return user


@pytest.fixture
def proposals() -> list[Proposal]:
    video = make_video("v", selectors=())
    return [Proposal.objects.create(video=video, shots_s=[n, 65, 2]) for n in (7, 8)]


def test_strangers_are_sent_to_the_login(client: Client, proposals: list[Proposal]) -> None:
    for address in ("/annotate/", "/annotate/agreement/", f"/annotate/{proposals[0].pk}/"):
        assert "/console/login/" in client.get(address)["Location"]
    client.force_login(User.objects.create_user("viewer"))
    assert "/console/login/" in client.get("/annotate/")["Location"]
    client.post(f"/annotate/{proposals[0].pk}/", {"answer": "accept"})
    assert not Judgement.objects.exists()


def test_one_proposal_after_the_other_is_judged(
    client: Client, annotator: User, proposals: list[Proposal]
) -> None:
    page = client.get("/annotate/", follow=True)
    assert page.redirect_chain[-1][0] == f"/annotate/{proposals[0].pk}/"
    assert "0 of 2 judged by you" in page.content.decode()
    assert "<li>1:05</li>" in page.content.decode()
    for answer in ("accept", "reject"):
        page = client.post(page.request["PATH_INFO"], {"answer": answer}, follow=True)
    assert "You have judged all 2 proposals" in page.content.decode()
    judged = Judgement.objects.order_by("proposal").values_list("annotator", "accepted")
    assert list(judged) == [(annotator.pk, True), (annotator.pk, False)]


def test_a_judgement_can_be_taken_back(
    client: Client, annotator: User, proposals: list[Proposal]
) -> None:
    first, second = (f"/annotate/{proposal.pk}/" for proposal in proposals)
    client.post(first, {"answer": "accept"})
    assert f'id="back" data-key="b" href="{first}"' in client.get(second).content.decode()
    assert "You accepted it before" in client.get(first).content.decode()
    client.post(first, {"answer": "reject"})
    assert not Judgement.objects.get().accepted


def test_any_other_answer_is_refused(
    client: Client, annotator: User, proposals: list[Proposal]
) -> None:
    answer = client.post(f"/annotate/{proposals[0].pk}/", {"answer": "maybe"})
    assert answer.status_code == 400
    assert client.get("/annotate/999/").status_code == 404
    assert not Judgement.objects.exists()


def test_forms_of_other_sites_are_refused(annotator: User, proposals: list[Proposal]) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(annotator)
    answer = strict.post(f"/annotate/{proposals[0].pk}/", {"answer": "accept"})
    assert answer.status_code == 403


def test_a_video_with_a_file_plays_its_shots_and_one_without_shows_times(
    client: Client, annotator: User, proposals: list[Proposal]
) -> None:
    address = f"/annotate/{proposals[0].pk}/"
    assert "only the times can be judged" in client.get(address).content.decode()
    proposals[0].video.file.name = "videos/v.mp4"
    proposals[0].video.save()
    page = client.get(address).content.decode()
    assert 'data-shots="7 65 2"' in page
    assert 'src="/media/videos/v.mp4"' in page


def test_agreement_is_shown(client: Client, annotator: User, proposals: list[Proposal]) -> None:
    other = person(Role.ANALYST, "bob")
    for judge, answers in ((annotator, (True, False)), (other, (True, True))):
        for proposal, accepted in zip(proposals, answers, strict=True):
            Judgement.objects.create(proposal=proposal, annotator=judge, accepted=accepted)
    page = client.get("/annotate/agreement/").content.decode()
    assert "<td>ada, bob</td>" in page
    assert "<td>0.00</td>" in page


def test_without_two_people_there_is_no_agreement(client: Client, annotator: User) -> None:
    page = client.get("/annotate/agreement/").content.decode()
    assert "No proposal was judged by two people yet" in page


def test_the_console_leads_to_the_page(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    assert 'href="/annotate/"' in client.get("/console/").content.decode()
    assert "There are no proposals yet" in client.get("/annotate/").content.decode()
