"""`manage.py issue_key NAME`: make a key for a site that embeds Coverlift, or a personal token."""

from argparse import ArgumentParser
from collections.abc import Sequence

from django.contrib.auth.models import User
from django.core.management.base import CommandError

from experiments.access_keys import issue
from experiments.errors import InvalidValuesError
from experiments.management.command import OwnCommand
from experiments.scope import Scope


class Command(OwnCommand):
    """Parse, make it, show it once."""

    help = (
        "Make a key for a site that embeds Coverlift, or with --user a personal token for the API."
        " Its text is shown once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name it, and what it opens."""
        parser.add_argument("name", help="where it is used")
        parser.add_argument("--origin", action="append", default=[], metavar="https://example.org",
                            help="whose pages may use it; may be given again")  # fmt: skip
        parser.add_argument("--user", default="", help="whose personal token it is")
        parser.add_argument("--scope", action="append", choices=[scope.value for scope in Scope],
                            help="what it opens (embed); may be given again")  # fmt: skip
        parser.add_argument("--days", type=int, help="until it expires; never where not given")

    def handle(
        self,
        *,
        name: str,
        origin: Sequence[str],
        user: str,
        scope: Sequence[str] | None,
        days: int | None,
        **_: object,
    ) -> None:
        """Make it."""
        owner = User.objects.filter(username=user).first() if user else None
        if user and owner is None:
            raise CommandError(f"there is no user {user!r}: the console's Tables list them")
        try:
            made = issue(name, scope or [Scope.EMBED], origins=origin, user=owner, days=days)
        except InvalidValuesError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(made[1])
