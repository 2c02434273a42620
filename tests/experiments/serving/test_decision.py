"""Decisions: the feed shows what was shipped, a share is held back, the test stays as it was."""

from collections import Counter

import pytest

from experiments.choice import Choice
from experiments.errors import EndedError, InvalidValuesError, StateError
from experiments.models import AuditEntry, Cell, Experiment, Phase, Video
from experiments.serving import decision, feed, lifecycle
from experiments.serving.decision import Shipment, ship, take_back
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
VIEWERS = [f"viewer {number}" for number in range(200)]


@pytest.fixture
def ended() -> Experiment:
    experiment = make_experiment("spring", videos=2)
    lifecycle.end(experiment)
    return experiment


def shown(experiment: str | None = "spring", *, tracked: bool = True) -> Counter[str]:
    """Return how often each selector's picture is shown, from the end of its file's name."""
    feed.refresh()
    slots = [
        slot
        for viewer in VIEWERS
        for slot in feed.slots(viewer, experiment=experiment, tracked=tracked).slots
    ]
    return Counter(slot.thumbnail.url.rpartition("-")[2] for slot in slots)


def test_one_arm_is_shipped_to_all_but_those_held_back(ended: Experiment) -> None:
    made = ship(ended, Shipment(Choice.ARM, "gevaden", holdback=0.2), why="it won")
    pictures = shown()
    assert set(pictures) == {"raw", "gevaden"}
    assert 0.15 < pictures["raw"] / pictures.total() < 0.25
    assert shown(None) == pictures
    assert shown(made.rollout.slug) == pictures
    assert shown(tracked=False) == {"gevaden": pictures.total()}
    assert decision.said(made) == "gevaden is shipped; 20 % are held back and see raw."
    entry = AuditEntry.objects.filter(subject="spring").first()
    assert entry is not None
    assert (entry.act, entry.after, entry.why) == (
        "decide", {"decision": decision.said(made)}, "it won",
    )  # fmt: skip


def test_what_is_shipped_is_data_of_the_rollout_alone(ended: Experiment) -> None:
    before = list(Cell.objects.filter(phase__experiment=ended).values())
    made = ship(ended, Shipment(Choice.ARM, "gevaden"))
    feed.refresh()
    slots = feed.slots("someone", experiment="spring").slots
    assert {slot.experiment for slot in slots} == {made.rollout.slug}
    assert all(slot.token for slot in slots)
    assert list(Cell.objects.filter(phase__experiment=ended).values()) == before
    assert Phase.objects.filter(experiment=made.rollout).count() == 1


def test_the_holdback_is_drawn_anew(ended: Experiment) -> None:
    made = ship(ended, Shipment(Choice.ARM, "gevaden"))
    assert made.rollout.salt != ended.salt


def test_a_map_ships_of_each_video_its_own(ended: Experiment) -> None:
    first, second = ended.videos.order_by("pk")
    pictures = {first.pk: "re_seq2seq"}
    ship(ended, Shipment(Choice.MAP, "gevaden", pictures, holdback=0.0))
    feed.refresh()
    urls = {slot.video.slug: slot.thumbnail.url for slot in feed.slots("someone").slots}
    assert urls[first.slug].endswith("re_seq2seq")
    assert urls[second.slug].endswith("gevaden")


def test_the_control_is_kept_and_those_held_back_see_what_it_was_better_than(
    ended: Experiment,
) -> None:
    ship(ended, Shipment(Choice.CONTROL, holdback=0.5, against="gevaden"))
    assert set(shown()) == {"raw", "gevaden"}
    assert set(shown(tracked=False)) == {"raw"}


def test_a_decision_is_taken_back_and_made_anew(ended: Experiment) -> None:
    ship(ended, Shipment(Choice.ARM, "gevaden", holdback=0.0))
    with pytest.raises(StateError, match="spring is decided: gevaden is shipped, for everybody"):
        ship(ended, Shipment(Choice.CONTROL))
    assert set(shown(None)) == {"gevaden"}
    take_back(ended, why="a complaint")
    assert decision.standing(ended) is None
    assert set(shown(None)) == {"raw"}
    with pytest.raises(StateError, match="spring has no decision"):
        take_back(ended)
    again = ship(ended, Shipment(Choice.CONTROL, holdback=0.0))
    assert again.rollout.slug == "spring-shipped-2"


def test_a_test_on_videos_that_are_decided_comes_first(ended: Experiment) -> None:
    ship(ended, Shipment(Choice.ARM, "gevaden", holdback=0.0))
    later = make_experiment("later", videos=1, holdback=0.5)
    later.videos.set(Video.objects.all())
    feed.refresh()
    by = Counter(slot.experiment for v in VIEWERS for slot in feed.slots(v).slots)
    assert by["later"] > 0
    assert by["spring-shipped"] > 0
    lifecycle.pause(later)
    feed.refresh()
    assert {slot.experiment for v in VIEWERS for slot in feed.slots(v).slots} == {
        "spring-shipped", None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("shipment", "told"),
    [
        (Shipment(Choice.ARM, "x"), "arm == 'x', must be one of raw, re_seq2seq, gevaden"),
        (Shipment(Choice.MAP, "raw", {1: "y"}), "arm == 'y'"),
        (Shipment(Choice.ARM, "raw", holdback=0.6), "holdback == 0.6, must be from 0 to 0.5"),
        (Shipment(Choice.ARM, "raw", holdback=float("nan")), "holdback == nan"),
        (Shipment(Choice.CONTROL, against="z"), "arm == 'z'"),
    ],
)
def test_what_cannot_be_shipped_is_refused(
    ended: Experiment, shipment: Shipment, told: str
) -> None:
    with pytest.raises(InvalidValuesError, match=told):
        ship(ended, shipment)
    assert Experiment.objects.count() == 1


def test_the_feed_of_what_ended_without_a_decision_says_so(ended: Experiment) -> None:
    feed.refresh()
    with pytest.raises(EndedError, match=r"spring ended on \d{4}-\d\d-\d\d, and nothing of it"):
        feed.slots("someone", experiment="spring")


def test_only_what_has_ended_is_decided() -> None:
    running = make_experiment("autumn")
    with pytest.raises(StateError, match="autumn is running, must be ended to be decided"):
        ship(running, Shipment(Choice.CONTROL))
