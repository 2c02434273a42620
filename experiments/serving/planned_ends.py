"""Planned ends that have come, of experiments that are set to ship by themselves."""

from datetime import timedelta

from django.db.models import QuerySet

from experiments.at_end import AtEnd
from experiments.events.clock import database_now
from experiments.models import Experiment

GRACE = timedelta(minutes=10)  # events of the last day still come, and are counted


def to_ship() -> QuerySet[Experiment]:
    """Return the live experiments that are due to be shipped, the longest due first."""
    live = Experiment.objects.filter(state__in=Experiment.LIVE_STATES, at_end=AtEnd.SHIP)
    return live.filter(planned_end__lte=database_now() - GRACE).order_by("planned_end", "pk")
