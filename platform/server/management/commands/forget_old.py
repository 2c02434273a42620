"""`manage.py forget_old`: let go of old records, as a worker does once a day."""

from experiments.management.command import OwnCommand
from server.retention import forget_old


class Command(OwnCommand):
    """Do it, and say how many rows of each kind there were."""

    help = "Let go of records older than COVERLIFT_KEEP_RECORDS_DAYS. Counts and reports stay."

    def handle(self, **_: object) -> None:
        """Do it."""
        for kind, rows in forget_old().items():
            self.stdout.write(f"{rows:,} {kind}")
