"""Print the way to a new site's first account."""

from typing import Any

from django.urls import reverse

from experiments.management.command import OwnCommand
from server.first_operator import new_code


class Command(OwnCommand):
    """Prints nothing where the site has an account."""

    help = (
        "Print the page's address where a new site's first account is made, with a code that works "
        "once; nothing where there is an account. A code printed before is void then."
    )

    def handle(self, *_: Any, **__: Any) -> None:
        """Print the path; the code stands behind #, which browsers keep to themselves."""
        if code := new_code():
            self.stdout.write(f"{reverse('console:first')}#{code}")
