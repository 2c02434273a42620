"""Arms that show the same shots are found, said at every door, and can be left out of a draft."""

import pytest
from django.core.management import call_command
from django.test import Client

from experiments.design import ArmDesign, Design
from experiments.equal_arms import EqualArms, equal_arms
from experiments.errors import StateError
from experiments.models import Experiment, Thumbnail
from experiments.serving import lifecycle
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
ARMS = tuple(ArmDesign(f"arm {name}", name) for name in ("raw", "re_seq2seq", "gevaden"))


def show(video: str, selector: str, shots_s: list[float], length_s: float = 1.0) -> None:
    Thumbnail.objects.filter(video__slug=video, selector=selector).update(
        shots_s=shots_s, shot_length_s=length_s, frames_key="known"
    )


@pytest.fixture(autouse=True)
def videos() -> None:
    for number in range(3):
        make_video(f"v{number}")
        show(f"v{number}", "raw", [4.0], 0.0)
        show(f"v{number}", "re_seq2seq", [1, 5, 9])
        show(f"v{number}", "gevaden", [number + 1, 6, 9])
    show("v1", "gevaden", [9, 1, 5])


def drafted() -> Experiment:
    return lifecycle.draft(Design("spring", "Spring", ARMS))


def test_the_same_shots_in_any_order_are_found_and_others_are_not() -> None:
    assert equal_arms(drafted()) == [EqualArms("v1", ("arm re_seq2seq", "arm gevaden"))]
    show("v0", "raw", [1, 6, 9], 0.0)  # a still of these moments is another picture
    assert len(equal_arms(Experiment.objects.get())) == 1


def test_two_arms_of_one_selector_are_equal_everywhere() -> None:
    arms = (*ARMS[:2], ArmDesign("again", "raw"))
    made = lifecycle.draft(Design("aa", "AA", arms))
    assert [(each.video, each.arms) for each in equal_arms(made)] == [
        (slug, ("arm raw", "again")) for slug in ("v0", "v1", "v2")
    ]


def test_what_was_made_before_shots_had_a_key_is_not_judged() -> None:
    Thumbnail.objects.update(frames_key="")
    assert equal_arms(drafted()) == []


def test_a_draft_can_leave_such_videos_out_and_a_live_experiment_cannot() -> None:
    experiment = drafted()
    assert lifecycle.leave_out_equal(experiment) == 1
    assert sorted(experiment.videos.values_list("slug", flat=True)) == ["v0", "v2"]
    assert not equal_arms(experiment)
    lifecycle.start(experiment)
    with pytest.raises(StateError, match="spring is running, must be draft to lose videos"):
        lifecycle.leave_out_equal(experiment)


def test_the_command_warns_or_leaves_them_out(capsys: pytest.CaptureFixture[str]) -> None:
    arms = [f"--arm={name}={name}" for name in ("raw", "re_seq2seq", "gevaden")]
    call_command("start_experiment", "all", "--name", "All", *arms)
    assert "all: arms show the same shots of 1 of 3 videos (v1): these" in capsys.readouterr().err
    call_command("end_experiment", "all")
    call_command("start_experiment", "some", "--name", "Some", *arms, "--leave-out-equal")
    assert "the same shots" not in capsys.readouterr().err
    assert Experiment.objects.get(slug="some").videos.count() == 2


def _post(client: Client, address: str) -> int:
    return client.post(address, {}, content_type="application/json").status_code


def test_the_api_says_which_and_leaves_them_out(admin_client: Client) -> None:
    drafted()
    found = [{"video": "v1", "arms": ["arm re_seq2seq", "arm gevaden"]}]
    assert admin_client.get("/api/v1/experiments/spring/equal_arms").json() == found
    assert _post(admin_client, "/api/v1/experiments/spring/leave_out_equal") == 200
    assert admin_client.get("/api/v1/experiments/spring/equal_arms").json() == []


def test_the_page_of_thumbnails_counts_and_marks_them(admin_client: Client) -> None:
    lifecycle.start(drafted())
    page = admin_client.get("/dashboards/spring/thumbnails/").content.decode()
    assert "Arms show the same shots of 1 video:" in page
    assert page.count("the same shots: arm re_seq2seq, arm gevaden</a>") == 1
