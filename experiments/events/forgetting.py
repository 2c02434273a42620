"""One viewer's wish to be forgotten: what leads to the person goes, and what was counted stays.

Their events get a number drawn at random in the place of the hash of their name: no name leads to
it, and counts, reports and proofs of them are what they were.
"""

import secrets
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from experiments.events import viewer_flags
from experiments.events.store import event_store
from experiments.events.tokens import viewer_number
from experiments.models import NetworkVisit


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How many rows no longer lead to the viewer."""

    events: int
    network_visits: int


@transaction.atomic
def forget(viewer: str) -> Forgotten:
    """Forget a viewer; safe to run again, which finds nothing.

    Args:
        viewer: the text by which the site names the viewer to the feed.
    """
    number = viewer_number(viewer, settings.VIEWER_KEY)
    drawn = secrets.randbits(63)
    events = event_store().rename_viewer(number, drawn)
    viewer_flags.rename(number, drawn)
    visits, _ = NetworkVisit.objects.filter(viewer=number).delete()
    return Forgotten(events, visits)
