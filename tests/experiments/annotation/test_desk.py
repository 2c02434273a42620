import json
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from experiments.annotation import desk
from experiments.annotation.export import export_annotations
from experiments.annotation.import_comments import propose_from
from experiments.errors import AnnotationError
from experiments.models import CommentCurve, Judgement, Proposal
from tests.experiments.world import make_video
from thumbnailer.training.datasets.gif_thumbnails import read_gif_thumbnails

pytestmark = pytest.mark.django_db
COUNTS = [1.0, 2, 9, 1, 8, 1, 7, 1, 6, 1, 5, 1, 4]


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    make_video("v", selectors=())
    path = tmp_path / "comments.json"
    path.write_text(json.dumps({"v": [*COUNTS, 99]}))
    return path


@pytest.fixture
def proposals(comments: Path) -> list[Proposal]:
    propose_from(comments, wanted=4)
    return list(Proposal.objects.all())


@pytest.fixture
def people() -> tuple[User, User]:
    return User.objects.create(username="ada"), User.objects.create(username="bob")


def test_proposals_and_comments_are_stored_within_the_video(comments: Path) -> None:
    assert propose_from(comments).new == {"v": 36}
    assert CommentCurve.objects.get().counts == COUNTS  # its 14th second is past the end


def test_proposing_again_keeps_what_was_judged(
    comments: Path, proposals: list[Proposal], people: tuple[User, User]
) -> None:
    desk.judge(proposals[0], people[0], accepted=True)
    assert propose_from(comments, wanted=4).new == {"v": 0}
    assert propose_from(comments, wanted=6).new == {"v": 2}
    assert Judgement.objects.get().proposal == proposals[0]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"w": COUNTS}, "the catalogue has no video"),
        ({"v\0": COUNTS}, "the catalogue has no video"),
        ({"v\ud800": COUNTS}, "the catalogue has no video"),
        ({"v": [1, -1, 3]}, "must be a list of numbers >= 0"),
        ({"v": [1, True, 3]}, "must be a list of numbers >= 0"),
        ({"v": "123"}, "must be a list of numbers >= 0"),
        ({"v": [1, 2, float("nan")]}, "must be a list of numbers >= 0"),
        ({"v": [0] * 20}, "0 seconds away from the ends have comments"),
        ({"v": []}, "0 seconds away from the ends have comments"),
    ],
)
def test_videos_that_cannot_be_used_are_left_out(
    comments: Path, content: object, reason: str
) -> None:
    comments.write_text(json.dumps(content))
    [told] = propose_from(comments).left_out.values()
    assert reason in told
    assert not Proposal.objects.exists()


@pytest.mark.parametrize("content", ["", "[1]", "{"])
def test_a_file_that_is_no_object_is_an_error(comments: Path, content: str) -> None:
    comments.write_text(content)
    with pytest.raises(AnnotationError, match=r"comments\.json"):
        propose_from(comments)


def test_an_annotator_gets_each_proposal_once_and_first_what_others_judged(
    proposals: list[Proposal], people: tuple[User, User]
) -> None:
    ada, bob = people
    desk.judge(proposals[2], bob, accepted=True)
    order = []
    while proposal := desk.next_proposal(ada):
        order.append(proposal.pk)
        desk.judge(proposal, ada, accepted=False)
    assert order == [proposals[i].pk for i in (2, 0, 1, 3)]
    assert desk.progress(ada) == desk.Progress(4, 4)
    assert desk.progress(bob) == desk.Progress(1, 4)


def test_one_can_go_back_and_think_again(
    proposals: list[Proposal], people: tuple[User, User]
) -> None:
    ada, _ = people
    assert desk.last_judged(ada) is None
    for proposal in proposals[:3]:
        desk.judge(proposal, ada, accepted=True)
    assert desk.last_judged(ada) == proposals[2]
    assert desk.last_judged(ada, before=proposals[2]) == proposals[1]
    assert desk.last_judged(ada, before=proposals[3]) == proposals[2]
    desk.judge(proposals[1], ada, accepted=False)
    assert desk.progress(ada).judged == 3


def judge_all(proposals: list[Proposal], person: User, answers: str) -> None:
    for proposal, answer in zip(proposals, answers, strict=True):
        if answer != "-":
            desk.judge(proposal, person, accepted=answer == "y")


def test_agreement_is_over_what_both_judged(
    proposals: list[Proposal], people: tuple[User, User]
) -> None:
    judge_all(proposals, people[0], "yyn-")
    judge_all(proposals, people[1], "ynny")
    [pair] = desk.agreements()
    assert (pair.one, pair.other, pair.both) == ("ada", "bob", 3)
    assert pair.kappa.value == pytest.approx(0.4)  # p_o = 2/3, p_e = 4/9


def test_only_unanimous_gifs_of_two_people_are_exported_and_can_be_read(
    tmp_path: Path, proposals: list[Proposal], people: tuple[User, User]
) -> None:
    judge_all(proposals, people[0], "yyny")
    judge_all(proposals, people[1], "yny-")
    assert export_annotations(tmp_path / "out") == 1
    found = read_gif_thumbnails(tmp_path / "out")
    assert found.defects == ()
    [video] = found.videos
    assert video.name == "v"
    assert video.gifs.tolist() == [proposals[0].shots_s]
    assert np.array_equal(video.counts, COUNTS)


def test_the_commands_propose_and_export(
    tmp_path: Path, comments: Path, people: tuple[User, User], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("propose_gifs", comments, proposals=3)
    for person in people:
        judge_all(list(Proposal.objects.all()), person, "ynn")
    call_command("export_annotations", tmp_path / "out")
    printed = capsys.readouterr().out
    assert "3 new proposals to judge at /annotate/" in printed
    assert "ada and bob: 3 judged by both, Cohen's kappa 1.00 (its variance is" in printed
    assert "1 GIFs written to" in printed


def test_a_command_without_one_usable_video_fails(comments: Path) -> None:
    comments.write_text('{"w": [1]}')
    with pytest.raises(CommandError, match="none of 1 videos could be used"):
        call_command("propose_gifs", comments)
    with pytest.raises(CommandError, match="--proposals == 0, must be >= 1"):
        call_command("propose_gifs", comments, proposals=0)
