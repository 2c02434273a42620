"""`make clean` removes what was made, and nothing under a running program."""

import fcntl
from pathlib import Path

import pytest

from standalone import clean, postgres


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(clean, "ROOT", tmp_path)
    for name in (".venv/bin", "var/log", "platform/__pycache__", ".mypy_cache"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "README.md").touch()
    return tmp_path


def test_removes_all_but_the_repository(project: Path) -> None:
    assert clean.main() == 0
    assert sorted(path.name for path in project.rglob("*")) == ["README.md", "platform"]
    assert clean.main() == 0


def test_refuses_while_the_site_runs(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (project / "var" / "serve.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert clean.main() == 1
    assert "`make serve` runs here" in capsys.readouterr().err
    assert (project / ".venv").exists()


def test_refuses_while_a_program_uses_the_database(project: Path) -> None:
    with postgres.running(project / "var" / "postgres"):
        assert clean.main() == 1


def test_ends_a_database_left_over(project: Path) -> None:
    folder = project / "var" / "postgres"
    with postgres.running(folder):
        pass
    cluster = postgres.Cluster(folder, postgres.find_binaries(), postgres.find_privileges(folder))
    postgres._pg_ctl_start(cluster)
    assert cluster.answers()
    assert clean.main() == 0
    assert not folder.exists()
