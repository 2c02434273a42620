"""The checklist: each point in each of its states."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from experiments.design import ArmDesign
from experiments.errors import StateError
from experiments.models import DayCount, Experiment, HourCount, Thumbnail, Video
from experiments.planning.checklist import Level, Point, Remedy, checklist, warnings
from experiments.planning.of_videos import MOST_BYTES
from experiments.serving import allocation_phases, drafts, lifecycle
from tests.experiments.analysis.report.cast import counted_study
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
ARMS = (ArmDesign("Still", "raw"), ArmDesign("GIF", "gevaden"))


def draft(arms: tuple[ArmDesign, ...] = ARMS, **fields: object) -> Experiment:
    made = drafts.open_draft("Spring", "")
    if arms:
        drafts.set_arms(made, arms)
    made.videos.set(Video.objects.all())
    drafts.set_values(made, fields)
    return made


def point(made: Experiment, about: str) -> Point:
    found = [each for each in checklist(made) if each.about == about]
    assert len(found) == 1, found
    return found[0]


def test_a_draft_without_arms_or_videos_is_blocked() -> None:
    made = draft(())
    assert point(made, "plan").level is Level.BLOCKING
    assert "number of arms == 0" in point(made, "plan").says
    assert point(made, "thumbnails").level is Level.BLOCKING
    assert point(made, "thumbnails").remedy is Remedy.NONE


def test_missing_thumbnails_warn_while_some_video_has_all() -> None:
    make_video("v1", ("raw",))
    assert point(draft(), "thumbnails").level is Level.BLOCKING
    make_video("v2")
    found = point(draft(), "thumbnails")
    assert (found.level, found.remedy) == (Level.WARNING, Remedy.MAKE)
    assert found.says == "1 video of 2 would be left out: 1 without that of GIF."


def test_heavy_thumbnails_warn() -> None:
    made_video = make_video("v1")
    made = draft()
    assert point(made, "page weight").level is Level.OK
    Thumbnail.objects.filter(video=made_video, selector="gevaden").update(size_bytes=MOST_BYTES + 1)
    assert point(made, "page weight").says.startswith("Thumbnails of 1 video weigh more")


def test_arms_that_show_the_same_warn_and_an_a_a_test_may() -> None:
    make_video("v1")
    assert point(draft(), "same pictures").level is Level.OK
    Thumbnail.objects.update(frames_key="same", shots_s=[1], shot_length_s=1)
    found = point(draft(), "same pictures")
    assert (found.level, found.remedy) == (Level.WARNING, Remedy.LEAVE_OUT_EQUAL)
    same = draft((ArmDesign("A", "raw"), ArmDesign("B", "raw")))
    assert "an A/A test" in point(same, "same pictures").says


def test_the_length_is_judged_by_what_it_can_see() -> None:
    experiment = make_experiment("other", videos=2)
    assert "Nothing is counted of these videos yet" in point(draft(), "length").says
    DayCount.objects.create(
        day=timezone.now().date(), cell=allocation_phases.cells(experiment)[0], flags=0,
        video=experiment.videos.order_by("pk")[0].pk, views=50, clicks=3,
    )  # fmt: skip
    poor = point(draft(), "length")
    assert (poor.level, "hardly any difference" in poor.says) == (Level.WARNING, True)
    DayCount.objects.update(views=40_000, clicks=2400)
    rich = point(draft(), "length")
    assert rich.level is Level.OK
    assert rich.says.startswith("In 28 days at 40,000 views a day it can see a lift of")
    assert "No end is planned" in point(draft(planned_days=None), "length").says


def test_an_overlap_warns() -> None:
    make_video("v1")
    assert point(draft(), "overlap").level is Level.OK
    other = make_experiment("other", videos=1)
    found = point(draft(), "overlap")
    assert (found.level, found.remedy) == (Level.WARNING, Remedy.LEAVE_OUT_SHARED)
    assert other.slug in found.says


def test_a_slice_that_is_taken_blocks() -> None:
    make_experiment("other", videos=1, layer="front")
    found = point(draft(layer="front"), "layer")
    assert found.level is Level.BLOCKING
    assert "overlaps that of other" in found.says


def test_events_of_real_viewers_must_have_come_lately() -> None:
    experiment = make_experiment("other", videos=1)
    never = "No event of a viewer has come yet"
    assert never in point(draft(), "events").says
    cell = allocation_phases.cells(experiment)[0]
    key = {"cell": cell, "band": 0, "device": 0}
    HourCount.objects.create(hour=timezone.now(), flags=1, **key)
    assert never in point(draft(), "events").says  # a bot
    HourCount.objects.create(hour=timezone.now() - timedelta(hours=9), flags=0, **key)
    assert point(draft(), "events").says.startswith("No event of a viewer has come since 20")
    HourCount.objects.create(hour=timezone.now() - timedelta(hours=1), flags=0, **key)
    assert point(draft(), "events").says.startswith("Events of viewers arrive")
    Experiment.objects.filter(pk=experiment.pk).update(simulated="by dice")
    assert never in point(draft(), "events").says
    trial = point(draft(simulated="by dice"), "events")
    assert (trial.level, "Its viewers are simulated" in trial.says) == (Level.OK, True)


def test_a_report_that_cannot_be_made_warns(monkeypatch: pytest.MonkeyPatch) -> None:
    counted_study(slug="same").arms.update(selector="raw")

    def broken(_: Experiment) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("experiments.planning.checklist.current", broken)
    assert "same, an A/A test, cannot be reported on" in point(draft(), "A/A test").says


def test_facts_are_kept_until_something_served_changes() -> None:
    for number in range(3):
        make_video(f"v{number}")
    made = draft()
    with CaptureQueriesContext(connection) as first:
        checklist(made)
    with CaptureQueriesContext(connection) as again:
        checklist(made)
    assert len(again) < len(first)
    Thumbnail.objects.filter(video__slug="v1", selector="gevaden").delete()
    assert point(made, "thumbnails").says.startswith("1 video of 3 would be left out")


def test_a_start_warns_of_what_the_list_warns_of_and_refuses_what_blocks() -> None:
    made = draft()
    assert point(made, "thumbnails").level is Level.BLOCKING
    with pytest.raises(StateError, match="has a thumbnail for every arm"):
        lifecycle.start(made)
    make_video("v1")
    made = draft()
    before = warnings(made)
    lifecycle.start(made)
    assert warnings(made) == before
    assert before[0] == "Nothing is counted of these videos yet, so nobody knows what it can see."
    lifecycle.end(made)
    assert warnings(made) == []


def test_an_a_a_test_that_differs_warns() -> None:
    assert "No A/A test has run here yet" in point(draft(), "A/A test").says
    same = counted_study(slug="same")
    same.arms.update(selector="raw")
    found = point(draft(), "A/A test")
    assert (found.level, found.says[:5]) == (Level.WARNING, "same ")
    calm = counted_study(
        (((900, 50), (900, 52)), ((800, 40), (800, 37)), ((700, 30), (700, 33))), slug="calm"
    )
    calm.arms.update(selector="raw")
    calm.started_at = timezone.now()
    calm.ended_at = calm.planned_end = calm.started_at + timedelta(days=1)
    calm.save()
    assert point(draft(), "A/A test").level is Level.OK
