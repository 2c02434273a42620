"""`manage.py forget_viewer NAME`: let nothing lead to one viewer any more, and keep the counts."""

from argparse import ArgumentParser

from django.db import transaction

from experiments.audit import record_act
from experiments.events import forgetting
from experiments.management.command import OwnCommand
from experiments.serving import identity


class Command(OwnCommand):
    """Forget one viewer."""

    help = "Let no event lead to one viewer any more; counts and reports stay what they are."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the viewer."""
        parser.add_argument(
            "viewer",
            help="the text by which the site names the viewer, or its own id of the person",
        )

    def handle(self, *, viewer: str, **_: object) -> None:
        """Forget, and say what there was."""
        with transaction.atomic():
            done = forgetting.forget(identity.forget(viewer))
            # Who it was, nothing may tell any more.
            record_act("viewer", "one", "forget", after={"events": done.events})
        said = f"{done.events:,} events and {done.network_visits:,} notes of networks"
        self.stdout.write(f"{said} no longer lead to this viewer; counts stay")
