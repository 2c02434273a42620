"""One viewer's wish to be forgotten: what leads to the person goes, and what was counted stays.

Their events get a number drawn at random in the place of the hash of their name: no name leads to
it, and counts, reports and proofs of them are what they were.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from experiments.events import viewer_flags
from experiments.events.store import event_store
from experiments.models import NetworkVisit


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows no longer lead to the viewer."""

    events: int
    network_visits: int


@transaction.atomic
def forget(renamed: Mapping[int, int]) -> Forgotten:
    """Let nothing of viewers lead to them; safe to run again, which finds nothing.

    Args:
        renamed: by a viewer's number, the one that takes its place.
    """
    events = visits = 0
    for number, nobody in renamed.items():
        events += event_store().rename_viewer(number, nobody)
        viewer_flags.rename(number, nobody)
        visits += NetworkVisit.objects.filter(viewer=number).delete()[0]
    return Forgotten(events, visits)
