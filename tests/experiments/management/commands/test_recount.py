"""`manage.py recount` says what it did, and refuses what cannot be meant."""

import pytest
from django.core.management import CommandError, call_command

from experiments.events.keys import DAY_MS, date_of
from experiments.events.rollup import roll_up
from experiments.models import DayCount
from tests.experiments.events.journeys import FIRST_DAY, Journey, store
from tests.experiments.world import make_experiment

pytestmark = pytest.mark.django_db
FIRST, SECOND = (str(date_of(FIRST_DAY + day)) for day in range(2))


@pytest.fixture(autouse=True)
def _counted_history() -> None:
    store([Journey(day * DAY_MS) for day in range(2)])
    roll_up()


def test_each_day_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    DayCount.objects.filter(day=FIRST).update(watched_clicks=None)
    call_command("recount", "--from", FIRST, "--to", SECOND)
    assert capsys.readouterr().out.splitlines() == [
        f"{FIRST}: 2 rows of counts changed",
        f"{SECOND}: as it was",
        "2 days counted anew; counts of 1 changed",
    ]
    call_command("check_counts")


def test_an_experiment_without_events_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    make_experiment("loud")  # its cells may have the numbers of the journeys'
    make_experiment("quiet")
    DayCount.objects.update(watched_clicks=None)
    call_command("recount", "--from", FIRST, "--to", FIRST, "--experiment", "quiet")
    assert capsys.readouterr().out.endswith("1 days counted anew; counts of 0 changed\n")


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(CommandError, match="from == '1 March', must be a day such as 2026-03-01"):
        call_command("recount", "--from", "1 March")
    with pytest.raises(CommandError, match=f"from == {SECOND}, must not be after to == {FIRST}"):
        call_command("recount", "--from", SECOND, "--to", FIRST)
    with pytest.raises(CommandError, match="no experiment has the slug 'gone'"):
        call_command("recount", "--experiment", "gone")
