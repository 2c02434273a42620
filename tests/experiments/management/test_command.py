"""What Coverlift's own commands do before their work."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from experiments.management.command import OwnCommand

ROOT = Path(__file__).resolve().parents[3]
OWN = sorted(name for name, app in get_commands().items() if app in {"experiments", "server"})
# What `manage.py` does, and then which pages it has loaded.
PROGRAM = """
import sys
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
pages = [name for name in sys.modules if name.startswith(("server.urls", "server.pages."))]
print("loaded:", *pages)
"""


def run(program: str, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "server.settings"} | variables
    command = [sys.executable, "-c", program, *words]
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", OWN)
def test_every_own_command_is_one(name: str) -> None:
    assert isinstance(load_command_class(get_commands()[name], name), OwnCommand)


def test_no_page_is_loaded(tmp_path: Path) -> None:
    counts = tmp_path / "counts.csv"
    counts.write_text("test,arm,impressions,clicks\n1,a,900,40\n1,b,900,50\n")
    done = run(PROGRAM, "import_counts", str(counts))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "loaded:"


def test_settings_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    done = run(PROGRAM, "import_counts", str(tmp_path), COVERLIFT_FEATURES_QUEUE="celery")
    assert done.returncode == 1
    assert "SystemCheckError" in done.stderr
    assert "COVERLIFT_FEATURES_QUEUE" in done.stderr
