"""Experiments start only whole, and end once."""

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from experiments.errors import ExperimentError
from experiments.models import Arm, Experiment, Thumbnail, Video
from experiments.serving import allocation_phases
from experiments.serving.lifecycle import ArmPlan, Design, end, is_running, launch

ARMS = (ArmPlan("raw thumbnails", "raw"), ArmPlan("GEVADEN", "gevaden", 2.0))

pytestmark = pytest.mark.django_db


def make_video(slug: str, selectors: tuple[str, ...]) -> Video:
    video = Video.objects.create(slug=slug, title=slug, state=Video.State.READY)
    for selector in selectors:
        Thumbnail.objects.create(
            video=video, selector=selector, model_version="1", file="x.gif", size_bytes=1,
            media_type="image/gif", width=1, height=1, shots_s=[0], candidates=[],
        )  # fmt: skip
    return video


def test_takes_the_videos_that_have_every_arms_thumbnail() -> None:
    whole = make_video("whole", ("raw", "gevaden", "re_seq2seq"))
    make_video("half", ("raw",))
    experiment = launch("a", "A", ARMS, question="Why?", simulated="by dice")
    assert list(experiment.videos.all()) == [whole]
    assert (experiment.state, experiment.simulated) == (Experiment.State.RUNNING, "by dice")
    arms = experiment.arms.values_list("index", "name", "selector", "weight")
    assert list(arms) == [(0, "raw thumbnails", "raw", 1.0), (1, "GEVADEN", "gevaden", 2.0)]
    assert is_running("a")


def test_a_slug_in_use_gets_a_number() -> None:
    make_video("whole", ("raw", "gevaden"))
    slugs = [launch("a", "A", ARMS).slug for _ in range(3)]
    assert slugs == ["a", "a-2", "a-3"]
    assert len(set(Experiment.objects.values_list("salt", flat=True))) == 3


def test_refuses_what_cannot_be_compared() -> None:
    with pytest.raises(ExperimentError, match="1 arms, must be at least 2"):
        launch("a", "A", ARMS[:1])
    with pytest.raises(ExperimentError, match="no video has a thumbnail for every arm"):
        launch("a", "A", ARMS)
    assert not Experiment.objects.exists()


def test_the_design_is_kept_and_ramps_the_first_phase() -> None:
    make_video("whole", ("raw", "gevaden"))
    call_command(
        "start_experiment", "a", "--name=A", "--arm=R=raw", "--arm=G=gevaden", "--unit=viewer",
        "--ramp=0.1", "--holdback=0.05", "--layer=front:0.5:1", "--min-views=50",
    )  # fmt: skip
    experiment = Experiment.objects.get()
    plan = allocation_phases.plan(experiment)
    assert (plan.unit, plan.ramp, plan.holdback) == ("viewer", 0.1, 0.05)
    assert (plan.layer, plan.layer_from, plan.layer_to) == ("front", 0.5, 1.0)
    assert experiment.min_views == 50


def test_slices_of_a_layer_are_given_once() -> None:
    make_video("whole", ("raw", "gevaden"))
    launch("a", "A", ARMS, design=Design(layer="front", layer_to=0.5))
    launch("b", "B", ARMS, design=Design(layer="side", layer_to=0.7))
    launch("c", "C", ARMS, design=Design(layer="front", layer_from=0.5))
    with pytest.raises(ExperimentError, match=r"overlaps that of a, which runs on 0 to 0\.5"):
        launch("d", "D", ARMS, design=Design(layer="front", layer_from=0.4, layer_to=0.5))
    assert not Experiment.objects.filter(slug="d").exists()
    end(Experiment.objects.get(slug="a"))
    launch("d", "D", ARMS, design=Design(layer="front", layer_from=0.4, layer_to=0.5))


@pytest.mark.parametrize(
    ("field", "value"),
    [("unit", "page"), ("ramp", 1.1), ("ramp", float("nan")), ("holdback", 1.0),
     ("layer_from", 1.0), ("layer_to", 1.5), ("min_views", 0)],
)  # fmt: skip
def test_a_design_that_cannot_be_meant_is_refused(field: str, value: float | str) -> None:
    with pytest.raises(ExperimentError, match=f"{'layer slice' if 'layer' in field else field} =="):
        Design(**{field: value})  # type: ignore[arg-type]  # on purpose


def test_ends_once() -> None:
    make_video("whole", ("raw", "gevaden"))
    experiment = launch("a", "A", ARMS)
    end(experiment)
    assert not is_running("a")
    with pytest.raises(ExperimentError, match="a is ended, must be running"):
        end(experiment)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": "running"},
        {"state": "ended", "started_at": "2020-01-01T00:00Z"},
        {"min_views": 0},
        {"salt": ""},
        {"unit": "page"},
        {
            "state": "ended",
            "started_at": "2020-01-02T00:00Z",
            "ended_at": "2020-01-01T00:00Z",
        },
    ],
)
def test_the_database_itself_refuses_an_impossible_experiment(wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.create(slug="x", name="x", **wrong)


def test_the_database_itself_refuses_impossible_arms() -> None:
    experiment = Experiment.objects.create(slug="x", name="x")
    Arm.objects.create(experiment=experiment, index=0, name="a", selector="raw")
    for wrong in ({"index": 0, "name": "b"}, {"index": 1, "name": "a"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Arm.objects.create(experiment=experiment, selector="raw", **wrong)
    for weight in (-1.0, float("inf"), float("nan")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Arm.objects.create(
                experiment=experiment, index=2, name="c", selector="raw", weight=weight
            )


def test_the_commands_start_and_end(capsys: pytest.CaptureFixture[str]) -> None:
    make_video("whole", ("raw", "gevaden"))
    words = ["start_experiment", "a", "--name", "A", "--arm", "raw=raw"]
    call_command(*words, "--arm", "GEVADEN=gevaden:0.5")
    call_command(*words, "--arm", "GEVADEN=gevaden:0.5", "--once")
    assert capsys.readouterr().out.split() == ["a", "a"]
    assert Arm.objects.get(name="GEVADEN").weight == 0.5
    call_command("end_experiment", "a")
    with pytest.raises(CommandError, match="no experiment 'b'"):
        call_command("end_experiment", "b")
    with pytest.raises(CommandError, match="must be running"):
        call_command("end_experiment", "a")
    with pytest.raises(CommandError, match="must look like NAME=SELECTOR"):
        call_command(*words, "--arm", "GEVADEN")
    with pytest.raises(CommandError, match="weight 'many'"):
        call_command(*words, "--arm", "GEVADEN=gevaden:many")
    with pytest.raises(CommandError, match="at least 2"):
        call_command(*words)
