"""The life cycle: each act does what it says, in the states that allow it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time, timedelta

import pytest
from django.db import IntegrityError, transaction

from experiments.design import ArmDesign, Design
from experiments.errors import InvalidValuesError, StateError
from experiments.models import Arm, Experiment, Phase, Video
from experiments.serving import allocation_phases, feed, lifecycle
from experiments.serving.assignment import assign
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db

State = Experiment.State
RAW, GIF, SEQ = (
    ArmDesign("raw", "raw"),
    ArmDesign("GIF", "gevaden", 2.0),
    ArmDesign("s", "re_seq2seq"),
)
DESIGN = Design("spring", "Spring", (RAW, GIF), question="Why?", simulated="by dice", holdback=0.1)
UNITS = [(viewer, video) for viewer in range(40) for video in range(5)]


@pytest.fixture
def videos() -> list[Video]:
    return [make_video(f"v{i}") for i in range(3)]


@pytest.fixture
def running(videos: list[Video]) -> Experiment:
    return lifecycle.launch(DESIGN)


def arms_now(experiment: Experiment) -> list[int | None]:
    plan = allocation_phases.plan(experiment)
    return [assign(plan, viewer, video).arm for viewer, video in UNITS]


def test_a_draft_holds_all_that_its_design_says(videos: list[Video]) -> None:
    make_video("half", ("raw",))
    draft = lifecycle.draft(DESIGN)
    assert (draft.state, draft.started_at) == (State.DRAFT, None)
    assert Design.of(draft) == DESIGN
    assert list(draft.videos.all()) == videos
    assert not Phase.objects.exists()


def test_a_draft_takes_the_videos_that_are_named(videos: list[Video]) -> None:
    assert list(lifecycle.draft(DESIGN, ["v1"]).videos.all()) == [videos[1]]
    with pytest.raises(InvalidValuesError, match="there is no video 'v7', 'v8'"):
        lifecycle.draft(replace(DESIGN, slug="other"), ["v1", "v8", "v7"])
    assert Experiment.objects.count() == 1


def test_a_draft_that_cannot_be_leaves_nothing_behind(videos: list[Video]) -> None:
    with pytest.raises(InvalidValuesError) as caught:
        lifecycle.draft(replace(DESIGN, slug="a/b", name="", arms=(RAW,)))
    assert set(caught.value.problems) == {"slug", "name", "arms"}
    assert str(caught.value).count("; ") == 2
    assert not Experiment.objects.exists()


def test_a_slug_that_another_takes_at_this_moment_is_refused(
    videos: list[Video], monkeypatch: pytest.MonkeyPatch
) -> None:
    lifecycle.draft(DESIGN)
    looks: list[dict[str, str]] = [{}, {"slug": "taken"}]
    monkeypatch.setattr(Design, "problems", lambda _: looks.pop(0))
    with pytest.raises(InvalidValuesError, match="taken"):
        lifecycle.draft(DESIGN)


def test_a_start_opens_the_first_phase(videos: list[Video]) -> None:
    experiment = lifecycle.draft(DESIGN)
    lifecycle.start(experiment, ramp=0.25)
    phase = Phase.objects.get()
    assert experiment.state == State.RUNNING
    assert (phase.number, phase.ramp, phase.ended_at) == (1, 0.25, None)
    assert phase.started_at == experiment.started_at

    shares = allocation_phases.plan(experiment).allocation.shares()
    assert shares == pytest.approx({0: 1 / 3, 1: 2 / 3})


def test_a_start_fixes_the_planned_end_at_a_midnight(videos: list[Video]) -> None:
    experiment = lifecycle.launch(replace(DESIGN, planned_days=7))
    experiment.refresh_from_db()
    assert experiment.started_at is not None
    assert experiment.planned_end is not None
    assert experiment.planned_end.time() == time(0)
    assert timedelta(days=7) <= experiment.planned_end - experiment.started_at < timedelta(days=8)
    assert lifecycle.launch(replace(DESIGN, slug="open", planned_days=None)).planned_end is None


def test_a_draft_that_lacks_something_does_not_start(videos: list[Video]) -> None:
    empty = lifecycle.draft(DESIGN, [])
    with pytest.raises(StateError, match="no video of spring has a thumbnail for every arm"):
        lifecycle.start(empty)
    empty.videos.add(make_video("half", ("raw",)))
    with pytest.raises(StateError, match="no video of spring has a thumbnail for every arm"):
        lifecycle.start(empty)
    empty.videos.set(videos)
    with pytest.raises(InvalidValuesError, match=r"ramp == 1\.5"):
        lifecycle.start(empty, ramp=1.5)
    empty.arms.filter(index=1).delete()
    with pytest.raises(InvalidValuesError, match="number of arms == 1"):
        lifecycle.start(empty)
    empty.refresh_from_db()
    assert empty.state == State.DRAFT


def test_an_arm_that_waits_needs_no_thumbnail_until_it_has_weight() -> None:
    make_video("half", ("raw", "gevaden"))
    waiting = replace(SEQ, weight=0.0)
    lifecycle.launch(replace(DESIGN, arms=(RAW, GIF, waiting)))
    feed.refresh()
    assert len(feed.slots("ann", experiment="spring").slots) == 1


def test_rows_that_came_by_another_way_are_checked_at_the_start(videos: list[Video]) -> None:
    draft = Experiment.objects.create(slug="e", name="E")
    draft.videos.set(videos)
    for index in (1, 2):
        Arm.objects.create(experiment=draft, index=index, name=f"a{index}", selector="raw")
    with pytest.raises(InvalidValuesError, match=r"arm indexes == \[1, 2\]"):
        lifecycle.start(draft)


def test_a_launch_that_is_refused_leaves_no_draft(videos: list[Video]) -> None:
    with pytest.raises(InvalidValuesError, match="ramp"):
        lifecycle.launch(DESIGN, ramp=2.0)
    assert not Experiment.objects.exists()


def test_a_slug_in_use_gets_a_number(videos: list[Video]) -> None:
    slugs = []
    for _ in range(3):
        slugs.append(lifecycle.free_slug("spring"))
        lifecycle.launch(replace(DESIGN, slug=slugs[-1], salt=f"salt {slugs[-1]}"))
    assert slugs == ["spring", "spring-2", "spring-3"]
    longest = "x" * 60
    assert lifecycle.free_slug(longest) == longest
    lifecycle.launch(replace(DESIGN, slug=longest))
    assert lifecycle.free_slug(longest) == "x" * 54 + "-2"
    assert lifecycle.free_slug("a\0b") == "a\0b"
    assert lifecycle.free_slug("new") == "new-2"


def test_slices_of_a_layer_are_given_once_and_kept_in_a_pause(videos: list[Video]) -> None:
    front = replace(DESIGN, layer="front")
    first = lifecycle.launch(replace(front, slug="a", layer_to=0.5))
    lifecycle.launch(replace(front, slug="b", layer="side", layer_to=0.7))
    lifecycle.launch(replace(front, slug="c", layer_from=0.5))
    fourth = lifecycle.draft(replace(front, slug="d", layer_from=0.4, layer_to=0.5))
    lifecycle.pause(first)
    with pytest.raises(StateError, match=r"overlaps that of a, which has 0 to 0\.5"):
        lifecycle.start(fourth)
    lifecycle.end(first)
    lifecycle.start(fourth)


def test_a_change_of_weights_moves_few_and_is_the_arms_weight_from_now_on(
    running: Experiment,
) -> None:
    before = arms_now(running)
    phase = lifecycle.change(running, weights={"GIF": 1.0, "raw": 1.0})
    after = arms_now(running)
    assert {(old, new) for old, new in zip(before, after, strict=True) if old != new} == {(1, 0)}
    assert dict(running.arms.values_list("name", "weight")) == {"raw": 1.0, "GIF": 1.0}
    assert list(phase.cells.values_list("share", flat=True)) == [0.5, 0.5]
    assert lifecycle.change(running, ramp=0.5).ramp == 0.5


@pytest.mark.parametrize(
    ("weights", "ramp", "sentence"),
    [
        (None, None, "nothing to change"),
        (None, 1.5, r"ramp == 1\.5, must be from 0 to 1"),
        ({"raw": 1.0}, None, "weights name raw, must name every arm: raw, GIF"),
        ({}, None, "weights name nothing, must name every arm: raw, GIF"),
        ({"raw": 1.0, "GIF": -1.0}, None, r"weight == -1\.0 of arm 'GIF'"),
        ({"raw": 0.0, "GIF": 1.0}, None, "weight == 0 of the control 'raw'"),
        ({"raw": 1.0, "GIF": 0.0}, None, "every arm but the control has weight 0"),
    ],
)
def test_changes_that_cannot_be_meant_change_nothing(
    running: Experiment, weights: dict[str, float] | None, ramp: float | None, sentence: str
) -> None:
    with pytest.raises(InvalidValuesError, match=sentence):
        lifecycle.change(running, weights=weights, ramp=ramp)
    assert Phase.objects.count() == 1
    assert list(running.arms.values_list("weight", flat=True)) == [1.0, 2.0]


def test_who_had_a_dropped_arm_gets_another_and_nobody_else_moves(videos: list[Video]) -> None:
    experiment = lifecycle.launch(replace(DESIGN, arms=(RAW, GIF, SEQ)))
    before = arms_now(experiment)
    lifecycle.drop(experiment, "s")
    after = arms_now(experiment)
    assert {old for old, new in zip(before, after, strict=True) if old != new} == {2}
    assert 2 not in after
    assert list(experiment.arms.values_list("weight", flat=True)) == [1.0, 2.0, 0.0]
    with pytest.raises(InvalidValuesError, match="arm == 'x', must be one of raw, GIF, s"):
        lifecycle.drop(experiment, "x")
    with pytest.raises(InvalidValuesError, match="of the control 'raw'"):
        lifecycle.drop(experiment, "raw")


def test_a_late_arm_takes_its_units_from_all_others(running: Experiment) -> None:
    before = arms_now(running)
    phase = lifecycle.add_arm(running, SEQ)
    after = arms_now(running)
    moved = {(old, new) for old, new in zip(before, after, strict=True) if old != new}
    assert moved == {(0, 2), (1, 2)}
    assert list(phase.cells.values_list("share", flat=True)) == [0.25, 0.5, 0.25]
    first = Phase.objects.get(number=1)
    assert first.cells.get(arm__name="s").share == 0.0


def test_a_late_arm_that_cannot_be_is_refused(running: Experiment) -> None:
    with pytest.raises(InvalidValuesError, match="arm 'raw' is given twice"):
        lifecycle.add_arm(running, replace(SEQ, name="raw"))
    with pytest.raises(InvalidValuesError, match="selector == 'none'"):
        lifecycle.add_arm(running, replace(SEQ, selector="none"))
    make_video("elsewhere", ("hecate",))
    with pytest.raises(StateError, match="no video of spring has a thumbnail for every arm"):
        lifecycle.add_arm(running, replace(SEQ, selector="hecate"))
    assert running.arms.count() == 2


def test_in_a_pause_nobody_has_an_arm_and_afterwards_all_have_theirs(running: Experiment) -> None:
    lifecycle.change(running, weights={"raw": 3.0, "GIF": 1.0}, ramp=0.5)
    salt, before = running.salt, arms_now(running)
    lifecycle.pause(running)
    feed.refresh()
    slots = feed.slots("ann", experiment="spring").slots
    assert [(s.token, s.arm, s.experiment) for s in slots] == [(None, None, None)] * 3
    assert {s.thumbnail.url.rsplit("-", 1)[1] for s in slots} == {"raw"}
    lifecycle.resume(running)
    assert (running.state, running.salt) == (State.RUNNING, salt)
    assert arms_now(running) == before
    assert [phase.number for phase in Phase.objects.filter(ended_at=None)] == [3]


def test_an_end_ends_the_phase_too(running: Experiment) -> None:
    lifecycle.end(running)
    assert running.ended_at == Phase.objects.get().ended_at
    assert not lifecycle.is_live("spring")


ACTS: dict[str, Callable[[Experiment], object]] = {
    "start": lifecycle.start,
    "change": lambda e: lifecycle.change(e, ramp=0.5),
    "drop": lambda e: lifecycle.drop(e, "GIF"),
    "add_arm": lambda e: lifecycle.add_arm(e, replace(SEQ, name="late")),
    "pause": lifecycle.pause,
    "resume": lifecycle.resume,
    "end": lifecycle.end,
}
ALLOWED = {
    State.DRAFT: {"start"},
    State.RUNNING: {"change", "drop", "add_arm", "pause", "end"},
    State.PAUSED: {"resume", "end"},
    State.ENDED: set(),
}


@pytest.mark.parametrize("state", list(ALLOWED))
def test_each_act_is_refused_in_every_other_state(videos: list[Video], state: State) -> None:
    for number, (name, act) in enumerate(ACTS.items()):
        experiment = in_state(state, f"e{number}")
        if name in ALLOWED[state]:
            act(experiment)
            continue
        with pytest.raises(StateError, match=f"^e{number} is {state}, must be "):
            act(experiment)
        experiment.refresh_from_db()
        assert experiment.state == state


def in_state(state: State, slug: str) -> Experiment:
    """Take an experiment of three arms to a state."""
    experiment = lifecycle.draft(replace(DESIGN, slug=slug, arms=(RAW, GIF, SEQ)))
    path = {
        State.DRAFT: (),
        State.RUNNING: (lifecycle.start,),
        State.PAUSED: (lifecycle.start, lifecycle.pause),
        State.ENDED: (lifecycle.start, lifecycle.end),
    }
    for act in path[state]:
        act(experiment)
    return experiment


def test_acts_go_by_the_row_and_not_by_an_old_copy_of_it(running: Experiment) -> None:
    copy = Experiment.objects.get()
    lifecycle.end(running)
    with pytest.raises(StateError, match="spring is ended"):
        lifecycle.pause(copy)


@pytest.mark.parametrize(
    "wrong",
    [
        {"slug": "a/b"},
        {"slug": ""},
        {"slug": "Été"},
        {"slug": "a\n"},
        {"name": ""},
        {"state": "gone", "started_at": "2020-01-01T00:00Z"},
        {"state": "running"},
        {"state": "paused"},
        {"state": "ended", "started_at": "2020-01-01T00:00Z"},
        {"min_views": 0},
        {"salt": ""},
        {"unit": "page"},
        {"unit": "impression"},
        {"holdback": float("nan")},
        {
            "state": "ended",
            "started_at": "2020-01-02T00:00Z",
            "ended_at": "2020-01-01T00:00Z",
        },
    ],
)
def test_the_database_itself_refuses_an_impossible_experiment(wrong: dict[str, object]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Experiment.objects.create(**{"slug": "x", "name": "x"} | wrong)


def test_the_database_itself_refuses_impossible_arms_and_videos() -> None:
    experiment = Experiment.objects.create(slug="x", name="x")
    Arm.objects.create(experiment=experiment, index=0, name="a", selector="raw")
    wrongs: list[dict[str, object]] = [{"index": 0}, {"name": "a"}, {"name": ""}]
    wrongs += [{"weight": weight} for weight in (-1.0, float("inf"), float("nan"))]
    for wrong in wrongs:
        with pytest.raises(IntegrityError), transaction.atomic():
            Arm.objects.create(
                experiment=experiment, **{"index": 1, "name": "b", "selector": "raw"} | wrong
            )
    with pytest.raises(IntegrityError), transaction.atomic():
        Video.objects.create(slug="a/b", title="x")


def test_an_end_is_put_off_before_it_has_come(running: Experiment) -> None:
    assert running.planned_end is not None
    before = running.planned_end
    lifecycle.extend(running, 7, why="a holiday")
    assert running.planned_end == before + timedelta(days=7)
    assert running.planned_days == 35
    for days in (0, 400):
        with pytest.raises(InvalidValuesError, match=f"days == {days}, must be 1 to 331"):
            lifecycle.extend(running, days)


def test_an_end_that_was_fixed_or_read_is_not_put_off(
    running: Experiment, videos: list[Video]
) -> None:
    fixed = lifecycle.launch(replace(DESIGN, slug="fixed", stopping_rule="fixed_horizon"))
    with pytest.raises(StateError, match="at an end that was fixed at the start"):
        lifecycle.extend(fixed, 7)
    Experiment.objects.filter(pk=running.pk).update(planned_end=running.started_at)
    with pytest.raises(StateError, match="has come to its planned end"):
        lifecycle.extend(running, 7)
