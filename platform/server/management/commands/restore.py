"""`manage.py restore FOLDER`: a backup into an empty database, and what is compared."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError

from experiments.management.command import OwnCommand
from server.backup.postgres_tools import BackupError
from server.backup.restoring import restore_from


class Command(OwnCommand):
    """Restore one backup."""

    help = "Restore a backup into the empty database that DATABASE_URL names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the backup's folder."""
        parser.add_argument("folder", type=Path, help="as back_up made it")

    def handle(self, *, folder: Path, **_: object) -> None:
        """Restore, and say what is still amiss."""
        amiss = 0
        try:
            for sentence in restore_from(folder):
                amiss += 1
                self.stdout.write(sentence)
        except BackupError as error:
            raise CommandError(str(error)) from error
        if amiss:
            raise CommandError(f"the database is restored, and {amiss} things are amiss: see above")
        self.stdout.write("restored: every row, every file and every key is there")
