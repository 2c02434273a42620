"""A worker has less weight than who answers people, and changes nobody else's."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.priority import AUTOGROUP

SHOW = """
import os, pathlib, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"
from server import priority
priority.AUTOGROUP = pathlib.Path(sys.argv[1])
priority.yield_to_answers()
assert os.environ["PGOPTIONS"] == "-c max_parallel_workers_per_gather=0"
words = priority.AUTOGROUP.read_text().split() if priority.session_has_group() else ["none"]
print(os.nice(0), words[-1])
"""


def lowered(autogroup: Path = AUTOGROUP, *, is_own_session: bool) -> list[str]:
    """Niceness of a process that yielded, and that of its session: "none" where it has no group."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW, str(autogroup)], start_new_session=is_own_session,
        capture_output=True, text=True, check=True,
        env=os.environ | {"COVERLIFT_WORKER_NICENESS": "3"},
    )  # fmt: skip
    return done.stdout.split()


def session_niceness() -> str:
    """Niceness of this test's own session, "none" where Linux gives it no group."""
    words = AUTOGROUP.read_text().split() if AUTOGROUP.exists() else []
    return words[-1] if words else "none"


@pytest.mark.parametrize("is_own_session", [True, False])
def test_a_worker_lowers_its_priority_and_that_of_its_own_session(*, is_own_session: bool) -> None:
    before = session_niceness()
    niceness, of_session = lowered(is_own_session=is_own_session)
    assert int(niceness) == os.nice(0) + 3
    assert of_session in ({"3", "none"} if is_own_session else {before})


@pytest.mark.parametrize("content", [None, ""])
def test_a_worker_of_a_session_without_a_group_lowers_its_own_priority_alone(
    tmp_path: Path, content: str | None
) -> None:
    autogroup = tmp_path / "autogroup"
    if content is not None:
        autogroup.write_text(content)
    assert lowered(autogroup, is_own_session=True) == [str(os.nice(0) + 3), "none"]
    assert content is None or not autogroup.read_text()


def test_who_answers_people_may_take_all_the_cores_of_the_database() -> None:
    program = """
import os, sys, django
django.setup()
assert "server.celery" in sys.modules  # Django loads it everywhere: it sends tasks
print(os.environ.get("PGOPTIONS"))
"""
    environment = {name: value for name, value in os.environ.items() if name != "PGOPTIONS"}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True,
        env=environment | {"DJANGO_SETTINGS_MODULE": "server.settings"},
    )  # fmt: skip
    assert done.stdout == "None\n"
