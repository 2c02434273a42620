"""A backup appears whole or not at all."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.full_disk import no_file_over

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    with no_file_over(1000), pytest.raises(CommandError, match="pg_dump failed"):
        call_command("back_up", str(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CommandError, match="file"):
        call_command("back_up", str(tmp_path / "file"))
