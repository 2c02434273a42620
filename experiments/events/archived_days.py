"""The days of events that are in the archive, and who is refused because of them."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Exists, OuterRef

from experiments.errors import ArchiveError
from experiments.events.keys import date_of
from experiments.models import ArchivedDay, DayCount


def archived_between(first: date = date.min, last: date = date.max) -> list[ArchivedDay]:
    """Return what is archived of the days from the first to the last, in order."""
    return list(ArchivedDay.objects.filter(day__gte=first, day__lte=last).order_by("day"))


def archived_days_of(cells: Iterable[int]) -> list[ArchivedDay]:
    """Return the archived days that have counts of any of these cells, in order."""
    counted = DayCount.objects.filter(day=OuterRef("day"), cell__in=list(cells))
    return list(ArchivedDay.objects.filter(Exists(counted)).order_by("day"))


def refuse_archived(cells: Iterable[int], what: str) -> None:
    """Refuse what needs all events of these cells where some are archived.

    Raises:
        ArchiveError: with the days, and the remedy.
    """
    days = archived_days_of(cells)
    if days:
        raise ArchiveError(
            f"{what} needs events that are archived ({len(days)} days, {days[0].day} to "
            f"{days[-1].day}): `manage.py archive --restore {days[0].day} {days[-1].day}` brings "
            "them back; counts by arm, video and time stay"
        )


def refuse_more(day: int) -> None:
    """Refuse events of a day that has some in the archive: the counts of these would be lost.

    Raises:
        ArchiveError: with the remedy.
    """
    if ArchivedDay.objects.filter(day=date_of(day)).exists():
        raise ArchiveError(
            f"the events of {date_of(day)} are archived, and more cannot be stored: "
            f"`manage.py archive --restore {date_of(day)}` brings them back"
        )
