"""`manage.py renew_summaries`: bring what the list of experiments shows up to date."""

from experiments.analysis import summaries
from experiments.management.command import OwnCommand


class Command(OwnCommand):
    """Renew what is old, as the worker does twice a minute."""

    help = "Read anew each report whose counts changed, for the list of experiments."

    def handle(self, **_: object) -> None:
        """Renew them and say how many."""
        self.stdout.write(f"renewed what lists show of {summaries.renew()} experiments")
