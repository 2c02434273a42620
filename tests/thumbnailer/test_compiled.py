"""Compiled code is kept beside the source, and where that cannot be written it still runs."""

import shutil
import subprocess
import sys
from pathlib import Path

from thumbnailer import compiled as module

PROGRAM = """
from compiled import KEEPS_CACHE, compile_apart, compiled

@compiled
def double(number: int) -> int:
    return 2 * number

"""
CALLED = "print(KEEPS_CACHE, double(21))\n"


def run_beside(folder: Path, then: str = CALLED) -> str:
    shutil.copy(module.__file__, folder / "compiled.py")
    (folder / "program.py").write_text(PROGRAM + then)
    command = [sys.executable, "-B", "program.py"]
    environment = {"HOME": str(folder / "no home")}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_code_is_kept_beside_the_source(tmp_path: Path) -> None:
    assert run_beside(tmp_path) == "True 42\n"
    assert list((tmp_path / "__pycache__").glob("program.double*.nbc"))
    assert not (tmp_path / "no home").exists()


def test_it_runs_where_nothing_can_be_kept(tmp_path: Path) -> None:
    (tmp_path / "__pycache__").touch()  # a file: no folder can be made there, not even by root

    assert run_beside(tmp_path) == "False 42\n"
    assert not (tmp_path / "no home").exists()


def test_what_a_child_compiles_is_found_by_its_parent(tmp_path: Path) -> None:
    found = "print(double(21), *double.stats.cache_hits.values(), *double.stats.cache_misses)"
    assert run_beside(tmp_path, f"compile_apart(lambda: double(21))\n{found}\n") == "42 1\n"
