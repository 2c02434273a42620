"""`manage.py delete_unused_files`: free what thumbnails made anew have left behind."""

from argparse import ArgumentParser
from datetime import timedelta

from django.core.management.base import CommandError

from experiments.making import unused_files
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """List the files that nobody refers to; with --delete, delete them."""

    help = "List files of thumbnails that are old and that nobody refers to, or delete them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the age, and whether to delete."""
        parser.add_argument(
            "--older-than-days",
            type=float,
            default=7.0,
            help="younger files are left: pages may still show them; at least 1",
        )
        parser.add_argument("--delete", action="store_true", help="without it they are listed only")

    def handle(self, *, older_than_days: float, delete: bool, **_: object) -> None:
        """Go through the storage."""
        if not older_than_days >= 1:
            raise CommandError(f"--older-than-days == {older_than_days:g}, must be at least 1")
        count = 0
        for name in unused_files.unused_files(timedelta(days=older_than_days)):
            count += 1
            self.stdout.write(name)
            if delete:
                unused_files.delete(name)
        self.stdout.write(f"{count} files {'deleted' if delete else 'unused; --delete frees them'}")
