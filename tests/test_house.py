"""The house's rules that no linter sees."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[1]


def test_platform_is_the_standard_librarys() -> None:
    assert platform.system()
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert [path.name for path in (ROOT / "platform").glob("*.py")] == []


def test_a_web_process_imports_neither_torch_nor_the_thumbnailer() -> None:
    """Importing torch costs seconds and half a gigabyte that no request needs."""
    program = """
import sys
import server.wsgi
from django.urls import get_resolver
get_resolver().url_patterns
print(sorted({name.partition(".")[0] for name in sys.modules} & {"torch", "thumbnailer", "av"}))
"""
    answer = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == "[]"


def test_every_folder_of_tests_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "tests").rglob("test_*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_production_without_its_settings_does_not_start() -> None:
    answer = subprocess.run(
        [sys.executable, "-c", "import server.settings"],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT / "platform"), "PATH": "", "COVERLIFT_ENV": "production"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert "COVERLIFT_SECRET_KEY, COVERLIFT_ALLOWED_HOSTS" in answer.stderr


@pytest.mark.django_db
def test_the_migrations_are_those_of_the_models() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
