"""Compiled code is kept beside the source, and where that cannot be written it still runs."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.waiting import wait_until
from thumbnailer import compiled as module

PROGRAM = """
from compiled import KEEPS_CACHE, compile_apart, compiled

@compiled
def double(number: int) -> int:
    return 2 * number

"""
CALLED = "print(KEEPS_CACHE, double(21))\n"
APART = """
compile_apart(lambda: double(21))
print(double(21), *double.stats.cache_hits.values(), *double.stats.cache_misses)
"""


TOLD = """
compile_apart(lambda: print("compiles", flush=True))
"""


def run_beside(folder: Path, then: str = CALLED) -> str:
    return said(start_beside(folder, then))


def start_beside(folder: Path, then: str) -> "subprocess.Popen[str]":
    if not (folder / "program.py").exists():
        shutil.copy(module.__file__, folder / "compiled.py")
        (folder / "program.py").write_text(PROGRAM + then)
    command = [sys.executable, "-B", "program.py"]
    environment = {"HOME": str(folder / "no home")}
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)


def said(program: "subprocess.Popen[str]") -> str:
    output, _ = program.communicate()
    assert program.returncode == 0
    return output


def is_waited_for(folder: Path) -> bool:
    """Tell whether a process waits for the lock of a folder."""
    locks = Path("/proc/locks").read_text().splitlines()
    return any("->" in lock and f":{folder.stat().st_ino} " in lock for lock in locks)


def test_code_is_kept_beside_the_source(tmp_path: Path) -> None:
    assert run_beside(tmp_path) == "True 42\n"
    assert list((tmp_path / "__pycache__").glob("program.double*.nbc"))
    assert not (tmp_path / "no home").exists()


def test_it_runs_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").touch()  # a file: no folder can be made there, not even by root

    assert run_beside(tmp_path) == "False 42\n"
    assert not (tmp_path / "no home").exists()


def test_what_a_child_compiles_is_found_by_its_parent(tmp_path: Path) -> None:
    assert run_beside(tmp_path, APART) == "42 1\n"


def test_where_all_is_compiled_nothing_is_called_until_a_source_changes(tmp_path: Path) -> None:
    assert [run_beside(tmp_path, TOLD), run_beside(tmp_path, TOLD)] == ["compiles\n", ""]
    (tmp_path / "another.py").write_text("more = 1\n")
    assert [run_beside(tmp_path, TOLD), run_beside(tmp_path, TOLD)] == ["compiles\n", ""]
    assert len(list((tmp_path / "__pycache__").glob("all-compiled.*"))) == 1


def test_while_another_program_compiles_none_does_the_same(tmp_path: Path) -> None:
    folder = tmp_path / "__pycache__"
    folder.mkdir()
    another = os.open(folder, os.O_RDONLY)
    fcntl.flock(another, fcntl.LOCK_EX)
    program = start_beside(tmp_path, APART)
    wait_until(lambda: is_waited_for(folder) or program.poll() is not None, "it waits")
    assert not list(folder.glob("*.nbc"))
    os.close(another)
    assert said(program) == "42 1\n"
