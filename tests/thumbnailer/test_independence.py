"""New selectors and formats are held to the house's rules without being named in a contract."""

import os
import subprocess
import sys
from pathlib import Path
from shutil import copytree, ignore_patterns

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the rooms, to which a test may add a file."""
    folder = tmp_path_factory.mktemp("house")
    for room in ("platform", "experiments", "thumbnailer"):
        copytree(ROOT / room, folder / room, ignore=ignore_patterns("weights", "__pycache__"))
    (folder / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    return folder


def lint(folder: Path, contract: str, file: str, content: str) -> str:
    """Return what import-linter says by one contract of the copy with one file more."""
    path = folder / "thumbnailer" / file
    path.write_text(content)
    answer = subprocess.run(
        [sys.executable, "-c", LINT, "--contract", contract, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": f"{folder / 'platform'}:{folder}"},
        capture_output=True,
        text=True,
        check=False,
    )
    path.unlink()
    return answer.stdout


@pytest.mark.parametrize(
    ("contract", "file", "imported"),
    [
        ("selectors", "selection/new.py", "selection.parts.base"),
        ("formats", "encode/new.py", "encode.parts.animation"),
    ],
)
def test_what_is_made_of_shared_parts_is_welcome(
    copy: Path, contract: str, file: str, imported: str
) -> None:
    said = lint(copy, contract, file, f"import thumbnailer.{imported}\n")
    assert "Contracts: 1 kept, 0 broken" in said


@pytest.mark.parametrize(
    ("contract", "file", "imported"),
    [
        ("selectors", "selection/new.py", "selection.uniform"),
        ("selectors", "selection/parts/new.py", "selection.uniform"),
        ("formats", "encode/new.py", "encode.avif"),
        ("formats", "encode/webp/new.py", "encode.gif.palette"),
    ],
)
def test_neither_a_selector_nor_a_format_may_import_another(
    copy: Path, contract: str, file: str, imported: str
) -> None:
    said = lint(copy, contract, file, f"import thumbnailer.{imported}\n")
    assert "Contracts: 0 kept, 1 broken" in said
    new = file.removesuffix(".py").replace("/", ".")
    assert f"thumbnailer.{new} -> thumbnailer.{imported}" in said
