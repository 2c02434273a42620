"""A new selector is held to the house's rules without anybody naming it in a contract."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).resolve().parents[3]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the rooms, to which a test may add a file."""
    folder = tmp_path_factory.mktemp("house")
    for room in ("platform", "experiments", "thumbnailer"):
        copytree(ROOT / room, folder / room, ignore=ignore_patterns("weights", "__pycache__"))
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return folder


def lint(folder: Path, file: str, content: str) -> str:
    """Return what import-linter says of the copy with one file more."""
    path = folder / "thumbnailer" / "selection" / file
    path.write_text(content)
    answer = subprocess.run(
        [sys.executable, "-c", LINT, "--contract", "selectors", "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder / 'platform'}:{folder}"},
        capture_output=True,
        text=True,
        check=False,
    )
    path.unlink()
    return answer.stdout


def test_a_selector_of_shared_parts_is_welcome(copy: Path) -> None:
    said = lint(copy, "new.py", "from thumbnailer.selection.parts.base import ShotTable\n")
    assert "Contracts: 1 kept, 0 broken" in said


@pytest.mark.parametrize("file", ["new.py", "parts/new.py"])
def test_neither_a_selector_nor_a_part_may_import_a_selector(copy: Path, file: str) -> None:
    said = lint(copy, file, "from thumbnailer.selection.uniform import Uniform\n")
    assert "Contracts: 0 kept, 1 broken" in said
    new = file.removesuffix(".py").replace("/", ".")
    assert f"thumbnailer.selection.{new} -> thumbnailer.selection.uniform" in said
