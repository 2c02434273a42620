"""Old records leave; younger ones, and every count, stay."""

from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
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
def records(settings: Any) -> None:
    """Two of each kind, one of them a day too old."""
    settings.KEEP_RECORDS_DAYS = KEPT_DAYS
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
        ends = timezone.now() + timedelta(hours=1 if name == "young" else -1)
        Session.objects.create(session_key=name, expire_date=ends)


def test_what_is_old_leaves_and_counts_stay() -> None:
    assert set(forget_old().values()) == {1}
    assert set(Rejection.objects.values_list("sample", flat=True)) == {"", "young"}
    assert rejections() == {"forged": 6}
    states = Intake.objects.order_by("pk").values_list("name", "state")
    assert list(states) == [("old", "taken"), ("young", "refused"), ("young", "taken")]
    assert [each.username for each in AccessAttempt.objects.all()] == ["young"]
    assert [each.session_key for each in Session.objects.all()] == ["young"]
    assert set(forget_old().values()) == {0}


def test_a_worker_does_it_and_a_command_says_what(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("forget_old")
    assert "1 samples of refused events\n" in capsys.readouterr().out
    task()
    assert WorkTime.objects.get(name="forget_old").runs == 1
