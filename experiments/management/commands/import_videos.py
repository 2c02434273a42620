"""`manage.py import_videos FOLDER`: take a folder's video files into the catalogue."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path

from django.core.management.base import CommandError

from experiments.errors import IntakeError
from experiments.making.video_import import (
    Credit,
    left_out,
    read_credits,
    take_in,
    video_files,
)
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Parse, take in, say what came in."""

    help = "Take a folder's video files into the catalogue; files already there are recognised."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the folder and, where there is one, the manifest that credits its clips."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--manifest", type=Path, help="titles and licences, as TOML")

    def handle(self, *, folder: Path, manifest: Path | None, **_: object) -> None:
        """Take the files in."""
        credits_by_slug = read_credits(manifest) if manifest else {}
        try:
            files = video_files(folder)
        except IntakeError as error:
            raise CommandError(str(error)) from error
        taken = sum(self._take_in(path, credits_by_slug) for path in files)
        for each in left_out(folder):
            self.stderr.write(f"  left out: {each}")
        self.stdout.write(f"{taken} videos in the catalogue from {folder}")
        if not taken:
            raise CommandError(f"none of {len(files)} files could be taken in")

    def _take_in(self, path: Path, credits_by_slug: Mapping[str, Credit]) -> bool:
        """Say what became of one file; the others go on."""
        try:
            video = take_in(path, credits_by_slug)
        except IntakeError as error:
            self.stderr.write(f"  {error}")
            return False
        self.stdout.write(f"  {video.slug:<32} {video.title}")
        return True
