"""`manage.py revoke_key HINT`: let a key open nothing from now on."""

from argparse import ArgumentParser

from django.core.management.base import CommandError

from experiments.access_keys import revoke
from experiments.errors import StateError
from experiments.management.command import OwnCommand
from experiments.models import AccessKey


class Command(OwnCommand):
    """Parse, revoke, say so."""

    help = "Revoke a key or personal token; pages hear of it within 5 s."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the key by its first letters."""
        parser.add_argument("hint", help="its first 16 letters, as /console/keys/ shows them")

    def handle(self, *, hint: str, **_: object) -> None:
        """Revoke it."""
        keys = AccessKey.objects.filter(hint=hint[:16])
        if len(keys) != 1:
            raise CommandError(f"{len(keys)} keys begin with {hint[:16]!r}, must be one")
        try:
            revoke(keys[0])
        except StateError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{keys[0]} is revoked")
