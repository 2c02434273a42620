"""Experiments over the same videos without layers: said by every door that starts one."""

import pytest
from django.core.management import call_command
from django.test import Client

from experiments.design import ArmDesign, Design
from experiments.models import Experiment
from experiments.serving import lifecycle
from experiments.serving.overlaps import overlaps, warnings
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
ARMS = (ArmDesign("raw", "raw"), ArmDesign("moving", "gevaden"))


@pytest.fixture(autouse=True)
def videos() -> None:
    for number in range(3):
        make_video(f"v{number}")


def draft(slug: str, videos: list[str] | None = None, **fields: float | str) -> Experiment:
    return lifecycle.draft(Design(slug, slug, ARMS, **fields), videos)  # type: ignore[arg-type]


def started(slug: str, videos: list[str] | None = None, **fields: float | str) -> Experiment:
    experiment = draft(slug, videos, **fields)
    lifecycle.start(experiment)
    return experiment


def test_the_shared_videos_and_who_comes_first_are_named() -> None:
    first = started("first", holdback=0.1)
    assert warnings(first) == []
    second = started("second", ["v1", "v2"])
    (said,) = warnings(second)
    assert said.startswith("second and first share 2 videos and their viewers: pages show first")
    assert "front:0:0.5 and front:0.5:1" in said
    assert warnings(first)[0].startswith("first and second share 2 videos and their viewers: pages")
    third = started("third", ["v1"])
    found = [(each.slug, each.videos) for each in overlaps(third)]
    assert found == [("first", 1), ("second", 1)]
    assert "share 1 video and" in warnings(third)[0]


def test_slices_of_one_layer_other_videos_and_ended_ones_do_not_overlap() -> None:
    started("low", layer="front", layer_from=0, layer_to=0.5)
    assert warnings(started("high", layer="front", layer_from=0.5, layer_to=1)) == []
    (said,) = warnings(started("other", ["v0"], layer="side"))[:1]
    assert "other and low" in said
    for experiment in Experiment.objects.all():
        lifecycle.end(experiment)
        assert warnings(experiment) == []
    started("first", ["v0"])
    assert warnings(started("second", ["v1"])) == []


def test_the_command_prints_it_beside_the_slug(capsys: pytest.CaptureFixture[str]) -> None:
    started("first")
    call_command("start_experiment", "second", "--name=B", "--arm=raw=raw", "--arm=moving=gevaden")
    shown = capsys.readouterr()
    assert shown.out == "second\n"
    assert "Warning: second and first share 3 videos" in shown.err


def test_the_api_answers_with_it(admin_client: Client) -> None:
    started("first")
    draft("second")
    answer = admin_client.post("/api/v1/experiments/second/start", {}, "application/json").json()
    assert set(warnings(Experiment.objects.get(slug="second"))) < set(answer["warnings"])
