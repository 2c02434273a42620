"""`manage.py import_counts`."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.experiments.studies.historical.made_up import Truth, draw, write_as_upworthy

ROOT = Path(__file__).resolve().parents[4]
# Whoever starts a server, or asks whether it runs, starts a program.
WITHOUT_PROGRAMS = """
import sys
def refuse(event, arguments):
    if event == "subprocess.Popen":
        raise SystemExit(f"started {arguments[0]}")
sys.addaudithook(refuse)
import manage
manage.main()
"""


def import_counts(*words: str) -> str:
    out = StringIO()
    call_command("import_counts", *words, stdout=out)
    return out.getvalue()


def test_an_archive_is_analysed_and_written(tmp_path: Path) -> None:
    write_as_upworthy(draw(Truth(broken=(22, 33)), seed=5)[0], tmp_path / "packages.csv")
    wanted = ("--json", str(tmp_path / "all.json"), "--html", str(tmp_path / "page.html"))
    printed = import_counts(str(tmp_path / "packages.csv"), *wanted)
    assert "Windows of weeks in which assignment was broken: 1" in printed
    assert len(json.loads((tmp_path / "all.json").read_text())["tests"]) == 600
    assert "2013-06-24" in (tmp_path / "page.html").read_text()


def test_columns_and_control_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text(
        "t,a,n,x,what\n1,new,900,40,p\n1,old,900,30,p\n2,new,900,41,p\n2,old,900,31,p\n"
    )
    names = ("--test", "t", "--arm", "a", "--impressions", "n", "--clicks", "x")
    printed = import_counts(str(path), *names, "--creative", "what", "--control", "old")
    assert "1       new    old        +33.3%" in printed
    assert "2 groups of arms" in printed


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("test,arm,clicks\n")
    with pytest.raises(CommandError, match="no column is known as impressions"):
        import_counts(str(path))
    path.write_text("test,arm,impressions,clicks\n1,a,9,1\n1,b,9,1\n")
    with pytest.raises(CommandError, match="control == 'old'"):
        import_counts(str(path), "--control", "old")


def test_a_file_refused_for_the_most_part_is_an_error_after_its_text(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("test,arm,impressions,clicks\n1,a,9,1\n1,b,9,1\n2,a,9,10\n")
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 3 rows are refused, more than one in ten"):
        call_command("import_counts", str(path), stdout=out)
    assert "1 test with 2 arms" in out.getvalue()


def test_no_database_is_started(tmp_path: Path) -> None:
    path = tmp_path / "counts.csv"
    path.write_text("test,arm,impressions,clicks\n1,a,900,40\n1,b,900,50\n")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PROGRAMS, "import_counts", str(path)],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 arms, 1,800 impressions" in done.stdout
