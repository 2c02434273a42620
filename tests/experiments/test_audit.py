"""The audit log: an entry where an act was done, by whoever the door named, and for good."""

import os
import pwd

import pytest
from django.db import DatabaseError, transaction

from experiments.audit import Actor, acting, record_act
from experiments.design import ArmDesign, Design
from experiments.door import Door
from experiments.errors import StateError
from experiments.models import AuditEntry
from experiments.serving import lifecycle
from tests.experiments.world import make_video

pytestmark = pytest.mark.django_db
DESIGN = Design("spring", "Spring", (ArmDesign("raw", "raw"), ArmDesign("GIF", "gevaden", 3)))


def last() -> AuditEntry:
    return AuditEntry.objects.latest("pk")


def test_only_what_changed_is_kept() -> None:
    record_act("video", "v1", "rename", before={"title": "a", "tags": [1]},
               after={"title": "b", "tags": [1], "new": None}, why=" a typo\n")  # fmt: skip
    entry = last()
    assert (entry.before, entry.after) == ({"title": "a"}, {"title": "b", "new": None})
    assert (entry.kind, entry.subject, entry.act, entry.why) == ("video", "v1", "rename", "a typo")


def test_what_comes_by_no_other_door_is_the_machines_user_at_a_command() -> None:
    with acting(lambda: Actor("ann", Door.CONSOLE)):
        with acting(lambda: Actor("bot", Door.API)):
            record_act("video", "v1", "inner")
        record_act("video", "v1", "outer")
    record_act("video", "v1", "after")
    told = AuditEntry.objects.order_by("pk").values_list("act", "who", "door")
    user = pwd.getpwuid(os.getuid()).pw_name
    assert list(told) == [
        ("inner", "bot", "api"),
        ("outer", "ann", "console"),
        ("after", user, "command"),
    ]


def test_the_database_keeps_every_entry_as_it_is() -> None:
    record_act("video", "v1", "rename")
    for change in (lambda: AuditEntry.objects.update(who="x"), AuditEntry.objects.all().delete):
        with (
            pytest.raises(DatabaseError, match="neither changed nor deleted"),
            transaction.atomic(),
        ):
            change()
    assert last().who


def test_every_act_on_an_experiment_leaves_what_it_changed() -> None:
    make_video("v1")
    experiment = lifecycle.launch(DESIGN, ramp=0.05, why="go")
    lifecycle.change(experiment, ramp=0.5, why="all well")
    lifecycle.add_arm(experiment, ArmDesign("late", "re_seq2seq"), why="new")
    lifecycle.drop(experiment, "late", why="dull")
    lifecycle.pause(experiment, why="outage")
    lifecycle.resume(experiment, why="over")
    lifecycle.end(experiment, why="done")
    acts = AuditEntry.objects.order_by("pk").values_list("act", "why", "before", "after")
    weights = {"raw": 1.0, "GIF": 3.0}
    assert [(act, why) for act, why, *_ in acts] == [
        ("draft", "go"), ("start", "go"), ("change", "all well"), ("add arm", "new"),
        ("drop arm", "dull"), ("pause", "outage"), ("resume", "over"), ("end", "done"),
    ]  # fmt: skip
    changed = {act: (before, after) for act, _, before, after in acts}
    assert changed["draft"][1]["weights"] == weights
    assert changed["start"] == (
        {"state": "draft", "ramp": None},
        {"state": "running", "ramp": 0.05},
    )
    assert changed["change"] == ({"ramp": 0.05}, {"ramp": 0.5})
    assert changed["drop arm"][1] == {"weights": weights | {"late": 0.0}}
    assert changed["pause"] == ({"state": "running"}, {"state": "paused"})


def test_an_act_that_is_refused_leaves_no_entry() -> None:
    make_video("v1")
    experiment = lifecycle.launch(DESIGN)
    count = AuditEntry.objects.count()
    with pytest.raises(StateError):
        lifecycle.resume(experiment)
    assert AuditEntry.objects.count() == count
