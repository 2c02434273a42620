"""Old records leave; younger ones, and every count, stay."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.utils import timezone

from experiments.analysis.queries import rejections
from experiments.models import Intake, Rejection, WorkTime
from server.retention import forget_old
from server.tasks import forget_old as task

pytestmark = pytest.mark.django_db
KEPT_DAYS = 10


@pytest.fixture(autouse=True)
def records(settings: Any, tmp_path: Path) -> None:
    """Two of each kind, one of them a day too old."""
    settings.KEEP_RECORDS_DAYS = KEPT_DAYS
    settings.SPOOL_ROOT = tmp_path
    administrator = User.objects.create_user("root")
    for name, age_days in (("old", KEPT_DAYS + 1), ("young", KEPT_DAYS - 1)):
        at = timezone.now() - timedelta(days=age_days)
        Rejection.objects.create(reason="forged", events=3, sample=name)
        Rejection.objects.filter(sample=name).update(at=at)
        for state in (Intake.State.REFUSED, Intake.State.TAKEN):
            why = "no film" if state == Intake.State.REFUSED else ""
            sent = Intake.objects.create(
                name=name, size_bytes=1, who="ann", state=state, reason=why
            )  # fmt: skip
            Intake.objects.filter(pk=sent.pk).update(begun_at=at)
        AccessAttempt.objects.create(username=name, failures_since_start=1)
        AccessAttempt.objects.filter(username=name).update(attempt_time=at)
        entry = LogEntry.objects.create(user=administrator, object_repr=name, action_flag=CHANGE)
        LogEntry.objects.filter(pk=entry.pk).update(action_time=at)
        (tmp_path / name).mkdir()
        (tmp_path / name / "clips.rgb").write_bytes(b"frames")
        spooled = (at if name == "old" else timezone.now()).timestamp()
        os.utime(tmp_path / name, (spooled, spooled))
        ends = timezone.now() + timedelta(hours=1 if name == "young" else -1)
        Session.objects.create(session_key=name, expire_date=ends)


def test_what_is_old_leaves_and_counts_stay(tmp_path: Path) -> None:
    assert set(forget_old().values()) == {1}
    assert set(Rejection.objects.values_list("sample", flat=True)) == {"", "young"}
    assert rejections() == {"forged": 6}
    states = Intake.objects.order_by("pk").values_list("name", "state")
    assert list(states) == [("old", "taken"), ("young", "refused"), ("young", "taken")]
    assert [each.username for each in AccessAttempt.objects.all()] == ["young"]
    assert [each.session_key for each in Session.objects.all()] == ["young"]
    assert [each.object_repr for each in LogEntry.objects.all()] == ["young"]
    assert [each.name for each in tmp_path.iterdir()] == ["young"]
    assert set(forget_old().values()) == {0}


def test_a_worker_does_it_and_a_command_says_what(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("forget_old")
    assert "1 samples of refused events\n" in capsys.readouterr().out
    task()
    assert WorkTime.objects.get(name="forget_old").runs == 1
