"""The replica's command is killed at -9 in the midst, run again, and counts nothing twice."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.studies.replica.experiment import DAYS
from tests.functional.own_site import ROOT, OwnSite, own_site

pytestmark = pytest.mark.functional
COUNTED = """
SELECT day - date '2020-06-01', arm.index, count(*), sum(views), sum(clicks), max(daycount.flags)
FROM experiments_daycount AS daycount
JOIN experiments_cell AS cell ON cell.id = daycount.cell
JOIN experiments_arm AS arm ON arm.id = cell.arm_id
JOIN experiments_experiment AS experiment ON experiment.id = arm.experiment_id
WHERE experiment.slug = '{slug}' GROUP BY 1, 2 ORDER BY 1, 2"""
EVENTS = "SELECT count(*), count(DISTINCT key) FROM experiments_event"
KILLED = """
import sys
import django
django.setup()
from django.core.management import call_command
from tests.functional.dying import killed_before

with killed_before(int(sys.argv[1])):
    call_command(*sys.argv[2:])
"""

WRITTEN_AND_CHECKED = """
import sys
import django
django.setup()
from django.core.management import call_command

call_command(*sys.argv[1:])
call_command("check_counts")
"""


def test_killed_and_run_again_it_counts_as_one_that_was_not(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalogue.json"
    catalogue.write_text(json.dumps({f"v{i}": {"seconds": 60 + i} for i in range(40)}))
    with own_site(tmp_path / "postgres") as site:
        for statement in (110, 300):
            before = stored_days(site)
            kill_before(site, statement, words("killed", catalogue))
            assert before < stored_days(site) < DAYS
        site.python("manage.py", *words("killed", catalogue))
        killed = site.query(COUNTED.format(slug="killed"))
        ((events, distinct),) = site.query(EVENTS)
        refused = site.query(
            "SELECT reason, sum(events)::int FROM experiments_rejection GROUP BY 1"
        )
        site.query("TRUNCATE experiments_event, experiments_daycount, experiments_rejection;"
                   "SELECT 1")  # fmt: skip
        said = site.python("-c", WRITTEN_AND_CHECKED, *words("whole", catalogue))
        assert killed == site.query(COUNTED.format(slug="whole"))
        assert (events, distinct) == site.query(EVENTS)[0]
        assert sorted(refused) == sorted(
            site.query("SELECT reason, sum(events)::int FROM experiments_rejection GROUP BY 1")
        )
        assert len(killed) == 90
        assert "every count is that of its events" in said


def words(slug: str, catalogue: Path) -> list[str]:
    return ["replicate_pilot", "--scale", "0.02", "--slug", slug, "--catalogue", str(catalogue)]


def kill_before(site: OwnSite, statement: int, command: list[str]) -> None:
    """Run the command, which dies before it sends this statement."""
    program = [sys.executable, "-c", KILLED, str(statement), *command]
    done = subprocess.run(
        program, env=site.environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def stored_days(site: OwnSite) -> int:
    ((days,),) = site.query("SELECT count(DISTINCT (key >> 22) / 86400000) FROM experiments_event")
    return days
