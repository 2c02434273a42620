"""Set-up says what stands in its way; that it works is what `make test` itself shows."""

import sys
from pathlib import Path

import pytest

from standalone import install
from standalone.install import InstallError


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "ENVIRONMENT", tmp_path / ".venv")
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).write_text("torch==0.0.1\n")
    return tmp_path


def test_another_python_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Version(tuple[int, ...]):
        major, minor = 3, 9

    monkeypatch.setattr(sys, "version_info", Version((3, 9, 0)))
    with pytest.raises(InstallError, match=r"Python 3.9, Coverlift needs 3.11"):
        install.install(development=False)


def test_a_package_that_cannot_be_had_is_named(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package index is an empty folder: pip must fail, and we must say on what."""
    monkeypatch.setattr(install, "PYTORCH_CPU_INDEX", "http://127.0.0.1:9/none")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(project))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(InstallError, match=r"could not install torch==0\.0\.1"):
        install.install(development=False)
    assert not list((project / ".venv").glob("installed-*"))


def test_a_stamp_saves_the_second_run(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".venv").mkdir()
    stamp = f"installed-requirements-{install._hash_of_requirements()}"
    (project / ".venv" / stamp).touch()
    install.install(development=False)
    assert capsys.readouterr().out == ""


def test_a_changed_pin_changes_the_stamp(project: Path) -> None:
    before = install._hash_of_requirements()
    (project / "constraints.txt").write_text("torch==0.0.2\n")
    assert install._hash_of_requirements() != before


def test_requirements_without_torch_are_refused(project: Path) -> None:
    (project / "requirements.txt").write_text("django\n")
    with pytest.raises(InstallError, match="pins no torch"):
        install._install_torch()


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Downloading scipy-1.17.1-cp311-any.whl (35.3 MB)", True),
        ("Downloading scipy-1.17.1-cp311-any.whl.metadata (62 kB)", False),
        ("Collecting scipy==1.17.1", False),
        ("Installing collected packages: a, b, c", True),
    ],
)
def test_downloads_are_shown_with_their_size(line: str, *, shown: bool) -> None:
    assert bool(install._news(line)) is shown
    assert install._news("Installing collected packages: a, b, c") == "Installing 3 packages"
