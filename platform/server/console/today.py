"""The console's first page: what runs, and what waits for a person."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from experiments.analysis.report.formatting import whole
from experiments.models import Experiment, Video
from server.broker import waiting_tasks

MOST_SHOWN = 20
WORKER_AWAY_S = 600.0


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that stands still until somebody looks.

    Attributes:
        word: of what kind it is, in one or two words.
        says: a sentence.
        address: the page where it is mended.
        is_bad: whether something is wrong, where else it is only time for an act.
    """

    word: str
    says: str
    address: str
    is_bad: bool = True


def today(request: HttpRequest) -> HttpResponse:
    """Show what stands still until somebody looks, and the live experiments."""
    live = Experiment.objects.filter(state__in=Experiment.LIVE_STATES)
    counted = live.annotate(video_count=Count("videos")).order_by("-started_at", "slug")
    shown = list(counted[:MOST_SHOWN])
    now = timezone.now()
    context = {
        "waits": [*_tasks(), *_videos(), *_at_their_end(live), *_drafts()],
        "live": [(experiment, (now - experiment.started_at).days + 1)
                 for experiment in shown if experiment.started_at],
        "more": live.count() - len(shown),
        "has_videos": Video.objects.exists(),
    }  # fmt: skip
    return render(request, "console/today.html", context)


def _tasks() -> Iterator[Wait]:
    """Look for tasks that no worker takes."""
    if not settings.CELERY_BROKER_URL.startswith("pgmq://"):
        return
    for waiting in waiting_tasks():
        if waiting.oldest_s > WORKER_AWAY_S:
            minutes = f"{waiting.oldest_s / 60:.0f}"
            yield Wait(
                "no worker",
                f"{whole(waiting.tasks)} tasks wait in the queue “{waiting.queue}”, the oldest for "
                f"{minutes} minutes: start a worker.",
                reverse("console:making"),
            )


def _videos() -> Iterator[Wait]:
    """Look for videos that nobody will make thumbnails of by itself."""
    by_state = Video.objects.order_by().values_list("state").annotate(Count("pk"))
    count = dict(by_state.filter(state__in=(Video.State.FAILED, Video.State.STOPPED)))
    if failed := count.get(Video.State.FAILED):
        yield Wait("failed", f"{_videos_said(failed)} failed.", reverse("console:making"))
    if stopped := count.get(Video.State.STOPPED):
        said = f"{_videos_said(stopped)} taken out of the queue by hand."
        yield Wait("stopped", said, reverse("console:making"), is_bad=False)


def _videos_said(number: int) -> str:
    return f"{whole(number)} video{'s' if number != 1 else ''}"


def _at_their_end(live: QuerySet[Experiment]) -> Iterator[Wait]:
    """Look for experiments whose planned time is over."""
    over = live.filter(planned_end__lte=timezone.now()).order_by("planned_end", "slug")
    for experiment in over[:MOST_SHOWN]:
        said = f"“{experiment.name}” is at its planned end: read the result and decide."
        address = reverse("console:decide", args=[experiment.slug])
        yield Wait("decide", said, address, is_bad=False)


def _drafts() -> Iterator[Wait]:
    """Look for experiments that were never started."""
    for draft in Experiment.objects.filter(state=Experiment.State.DRAFT)[:MOST_SHOWN]:
        address = reverse("console:step", args=[draft.slug, "question"])
        yield Wait("draft", f"“{draft.name}” is not started yet.", address, is_bad=False)
