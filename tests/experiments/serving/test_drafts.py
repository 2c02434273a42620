"""Drafts that are filled in step by step."""

import pytest

from experiments.design import ArmDesign, Design
from experiments.errors import InvalidValuesError, StateError
from experiments.models import AuditEntry, Video
from experiments.serving import drafts, lifecycle
from tests.experiments.world import make_experiment, make_video

pytestmark = pytest.mark.django_db
ARMS = (ArmDesign("Still", "raw"), ArmDesign("GIF", "gevaden", 3.0))


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Do GIFs help?", "do-gifs-help"), ("春", "experiment"), ("n" * 120, "n" * 60)],
)
def test_the_slug_is_made_of_the_name(name: str, slug: str) -> None:
    assert drafts.open_draft(name, "").slug == slug
    again = drafts.open_draft(name, "").slug
    assert again != slug
    assert len(again) <= 60


def test_what_was_filled_in_can_be_started() -> None:
    make_video("v1")
    draft = drafts.open_draft("Spring", "Why?")
    drafts.set_videos(draft, Video.objects.all())
    drafts.set_arms(draft, ARMS)
    drafts.set_arms(draft, ARMS[::-1])
    drafts.set_values(draft, {"planned_days": 7, "holdback": 0.1})
    design = Design.of(draft)
    assert (design.arms, design.planned_days, design.holdback) == (ARMS[::-1], 7, 0.1)
    lifecycle.start(draft)
    assert draft.state == "running"
    edits = AuditEntry.objects.filter(act=drafts.EDIT).order_by("pk")
    assert [entry.after for entry in edits] == [
        {"videos": 1},
        {"weights": {"Still": 1.0, "GIF": 3.0}, "arms": "Still (raw), GIF (gevaden)"},
        {"arms": "GIF (gevaden), Still (raw)"},
        {"planned_days": 7, "holdback": 0.1},
    ]


def test_what_cannot_be_is_refused_and_changes_nothing() -> None:
    draft = drafts.open_draft("Spring", "Why?")
    with pytest.raises(InvalidValuesError, match="no video is chosen"):
        drafts.set_videos(draft, Video.objects.none())
    with pytest.raises(InvalidValuesError, match="number of arms == 1"):
        drafts.set_arms(draft, ARMS[:1])
    with pytest.raises(InvalidValuesError, match="margin == 2"):
        drafts.set_values(draft, {"margin": 2.0, "planned_days": 7})
    draft.refresh_from_db()
    assert draft.planned_days == 28


def test_only_a_draft_is_changed() -> None:
    running = make_experiment("spring", videos=1)
    for change in (
        lambda: drafts.set_videos(running, Video.objects.all()),
        lambda: drafts.set_arms(running, ARMS),
        lambda: drafts.set_values(running, {"margin": 0.1}),
        lambda: drafts.leave_out_shared(running),
    ):
        with pytest.raises(StateError, match="spring is running, must be draft to"):
            change()


def test_videos_of_other_live_tests_are_left_out() -> None:
    make_video("mine")
    other = make_experiment("other", videos=2)
    draft = drafts.open_draft("Spring", "")
    drafts.set_videos(draft, Video.objects.all())
    assert drafts.leave_out_shared(draft) == 2
    assert list(draft.videos.values_list("slug", flat=True)) == ["mine"]
    assert other.videos.count() == 2
