"""Deletes videos: what it means for experiments, and doing it without breaking them.

Counts name a video by its number and stay, so a report goes on holding what was seen of it.
"""

from dataclasses import dataclass
from functools import partial

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from experiments.audit import record_act
from experiments.errors import StateError
from experiments.models import Experiment, Video

BUSY = (Video.State.MAKING, Video.State.EXTRACTING)
MOST_AT_ONCE = 500
SAID = {
    Experiment.State.DRAFT: "will show the rest",
    Experiment.State.RUNNING: "shows the rest from now on; what was counted stays in its result",
    Experiment.State.PAUSED: "shows the rest once it goes on; what was counted stays in its result",
    Experiment.State.ENDED: "keeps its result; there it is called by its number",
}


@dataclass(frozen=True, slots=True)
class Consequence:
    """One experiment that has some of the videos.

    Attributes:
        says: what becomes of it.
        forbids: whether it would be left with no video while it is live: it is ended first.
    """

    experiment: Experiment
    videos: int
    says: str
    forbids: bool


def consequences(videos: QuerySet[Video]) -> list[Consequence]:
    """Return what deleting the videos means for each experiment that has one of them."""
    of_these = Count("videos", filter=Q(videos__in=videos.values("pk")))
    concerned = Experiment.objects.annotate(gone=of_these, all=Count("videos")).filter(gone__gt=0)
    return [
        Consequence(
            each,
            each.gone,
            SAID[Experiment.State(each.state)],
            each.state in Experiment.LIVE_STATES and each.gone == each.all,
        )
        for each in concerned.order_by("-started_at", "slug")
    ]


def problem(videos: QuerySet[Video], found: list[Consequence]) -> str:
    """Return why the videos cannot be deleted now; "" where they can."""
    if (number := videos.count()) > MOST_AT_ONCE:
        return f"{number:,} videos: choose at most {MOST_AT_ONCE} at once"
    if busy := videos.filter(state__in=BUSY).first():
        return f"“{busy.title}” is being made right now: try again in a moment"
    if emptied := [each.experiment.name for each in found if each.forbids]:
        return f"“{emptied[0]}” is live and would be left with no video: end it first"
    return ""


@transaction.atomic
def delete(videos: QuerySet[Video], *, why: str) -> int:
    """Delete the videos and their films, and return how many there were.

    Raises:
        StateError: where they cannot be deleted now.
    """
    keys = list(videos.values_list("pk", flat=True))
    chosen = Video.objects.filter(pk__in=keys).order_by("pk")
    gone = list(chosen.select_for_update())
    if said := problem(chosen, consequences(chosen)):
        raise StateError(said)
    for video in gone:
        before = {"title": video.title, "file": video.file.name}
        record_act("video", video.slug, "delete", before=before, why=why)
        if video.file.name:
            transaction.on_commit(partial(default_storage.delete, video.file.name))
    chosen.delete()
    return len(gone)
