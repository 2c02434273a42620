"""Compiled code is kept beside the source, and where that cannot be written it still runs."""

import shutil
import subprocess
import sys
from pathlib import Path

from thumbnailer import compiled as module

PROGRAM = """
from compiled import KEEPS_CACHE, compiled

@compiled
def double(number: int) -> int:
    return 2 * number

print(KEEPS_CACHE, double(21))
"""


def run_beside(folder: Path) -> str:
    shutil.copy(module.__file__, folder / "compiled.py")
    (folder / "program.py").write_text(PROGRAM)
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
