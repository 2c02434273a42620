"""`manage.py add_creatives NAME FILE...`: bring videos' pictures, such as their publisher's."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.files import File
from django.core.management.base import CommandError
from kombu.exceptions import OperationalError

from experiments.errors import ExperimentError
from experiments.making import creatives
from experiments.management.command import OwnCommand
from experiments.models import PUBLISHER, Video
from experiments.tasks import make_thumbnails


class Command(OwnCommand):
    """Bring each file to the video that it is called after, and say what was not taken."""

    help = (
        "Bring pictures or short clips: each file is called after its video's slug, as in "
        f"`add_creatives spring covers/*.jpg`. NAME {PUBLISHER} brings the publisher's images."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the creatives' name and the files."""
        parser.add_argument("name", help=f"what arms call it; {PUBLISHER}: the publisher's image")
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE")

    def handle(self, *, name: str, files: list[Path], **_: object) -> None:
        """Bring the files; one that is not taken leaves the others be."""
        brought = sum(self._bring(name, path) for path in files)
        self.stdout.write(f"{brought} of {len(files)} files are brought as {name}")
        try:
            for _each in range(brought):
                make_thumbnails.delay()
        except OperationalError as error:
            raise CommandError(f"the broker of tasks cannot be reached: {error}") from error
        if brought < len(files):
            raise CommandError(f"{len(files) - brought} were not taken: see above")

    def _bring(self, name: str, path: Path) -> bool:
        try:
            video = Video.objects.get(slug=path.stem)
            with path.open("rb") as file:
                creatives.bring(video, name, File(file, path.name))
        except Video.DoesNotExist:
            self.stderr.write(
                f"  {path}: there is no video {path.stem!r}: call it after one's slug"
            )
        except (ExperimentError, OSError) as error:
            self.stderr.write(f"  {path}: {error}")
        else:
            return True
        return False
