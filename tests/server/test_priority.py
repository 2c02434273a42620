"""A worker has less weight than who answers people, and changes nobody else's."""

import os
import subprocess
import sys

import pytest

from server.priority import AUTOGROUP

SHOW = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "server.settings"
from server.priority import AUTOGROUP, yield_to_answers
yield_to_answers()
print(os.nice(0), AUTOGROUP.read_text().split()[-1] if AUTOGROUP.exists() else "none")
"""


@pytest.mark.parametrize("is_own_session", [True, False])
def test_a_worker_lowers_its_priority_and_that_of_its_own_session(*, is_own_session: bool) -> None:
    before = AUTOGROUP.read_text().split()[-1] if AUTOGROUP.exists() else "none"
    done = subprocess.run(
        [sys.executable, "-c", SHOW], start_new_session=is_own_session, capture_output=True,
        text=True, check=True, env=os.environ | {"COVERLIFT_WORKER_NICENESS": "3"},
    )  # fmt: skip
    niceness, of_session = done.stdout.split()
    assert int(niceness) == os.nice(0) + 3
    assert of_session in ({"3", "none"} if is_own_session else {before})
