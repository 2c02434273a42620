"""`manage.py back_up FOLDER`: database, list of media and keys, as one moment saw them."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.management.command import OwnCommand
from server.backup.making import back_up
from server.backup.postgres_tools import BackupError


class Command(OwnCommand):
    """Make one backup while the site serves."""

    help = "Back up the database, the list of media and the keys; docs/operations.md says more."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, help="of all backups; each makes its own in it")

    def handle(self, *, folder: Path, **_: object) -> None:
        """Make it, and say where it is."""
        try:
            made, contents = back_up(folder)
        except (BackupError, OSError) as error:
            raise CommandError(str(error)) from error
        rows = sum(contents.rows.values())
        self.stdout.write(f"{made}: {rows:,} rows, {contents.media:,} media listed, keys")
