"""`manage.py recount`: count history anew from the events."""

from argparse import ArgumentParser
from datetime import date

from django.core.management.base import CommandError

from experiments.events.keys import date_of, day_of
from experiments.events.recount import Recounted, days_to_recount, recount
from experiments.management.command import OwnCommand
from experiments.models import Cell, Experiment


class Command(OwnCommand):
    """Count day after day anew, and say of each what changed."""

    help = (
        "Count history anew from the events, after a change of what is counted. It may be stopped "
        "and run again at any time, beside rollups too."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the days and the experiment."""
        parser.add_argument("--from", dest="first", metavar="DAY", help="such as 2026-03-01")
        parser.add_argument("--to", dest="last", metavar="DAY", help="the last day")
        parser.add_argument("--experiment", metavar="SLUG", help="its counts alone")

    def handle(
        self, *, first: str | None, last: str | None, experiment: str | None, **_: object
    ) -> None:
        """Count anew."""
        days, cells = _days(first, last), _cells(experiment)
        changed_days = 0
        for found in recount(days, cells):
            changed_days += found.changed > 0
            self.stdout.write(f"{date_of(found.day)}: {_outcome(found)}")
        self.stdout.write(f"{len(days)} days counted anew; counts of {changed_days} changed")


def _days(first: str | None, last: str | None) -> list[int]:
    since, until = _day("from", first), _day("to", last)
    if since is not None and until is not None and since > until:
        raise CommandError(f"from == {first}, must not be after to == {last}")
    return days_to_recount(since, until)


def _day(option: str, text: str | None) -> int | None:
    if text is None:
        return None
    try:
        return day_of(date.fromisoformat(text))
    except ValueError:
        raise CommandError(f"{option} == {text!r}, must be a day such as 2026-03-01") from None


def _cells(slug: str | None) -> list[int] | None:
    if slug is None:
        return None
    if not Experiment.objects.filter(slug=slug).exists():
        raise CommandError(f"no experiment has the slug {slug!r}")
    cells = Cell.objects.filter(phase__experiment__slug=slug)
    return list(cells.values_list("pk", flat=True))


def _outcome(found: Recounted) -> str:
    if not found.has_events:
        return "its events are gone, its counts stay"
    return f"{found.changed} rows of counts changed" if found.changed else "as it was"
