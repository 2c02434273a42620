"""The console's first page: what runs, and what waits for a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Case, Count, F, Q, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from experiments.analysis.report.formatting import whole
from experiments.analysis.report.verdict import Kind
from experiments.models import Experiment, Video
from server.watching import findings

MOST_SHOWN = 20


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
    found = list(counted[: MOST_SHOWN + 1])
    by_state = dict(Video.objects.order_by().values_list("state").annotate(Count("pk")))
    now = timezone.now()
    context = {
        "waits": [*_site(), *_videos(by_state), *_experiments()],
        "live": [(experiment, (now - experiment.started_at).days + 1)
                 for experiment in found[:MOST_SHOWN] if experiment.started_at],
        "has_more": len(found) > MOST_SHOWN,
        "has_videos": bool(by_state),
    }  # fmt: skip
    return render(request, "console/today.html", context)


def _site() -> Iterator[Wait]:
    """Look for what is wrong with the installation."""
    for finding in findings():
        if finding.is_bad:
            yield Wait("state", finding.says, reverse("console:status"))


def _videos(by_state: Mapping[str, int]) -> Iterator[Wait]:
    """Look for videos that nobody will make thumbnails of by itself."""
    if failed := by_state.get(Video.State.FAILED):
        yield Wait("failed", f"{_videos_said(failed)} failed.", reverse("console:making"))
    if stopped := by_state.get(Video.State.STOPPED):
        said = f"{_videos_said(stopped)} taken out of the queue by hand."
        yield Wait("stopped", said, reverse("console:making"), is_bad=False)


def _videos_said(number: int) -> str:
    return f"{whole(number)} video{'s' if number != 1 else ''}"


def _experiments() -> Iterator[Wait]:
    """Look for numbers not to be trusted, then for planned times that are over, then for drafts."""
    is_live = Q(state__in=Experiment.LIVE_STATES)
    has_problem = Q(summary__isnull=False) & ~Q(summary__problem="")
    is_wrong = is_live & (Q(summary__verdict=Kind.DO_NOT_TRUST) | has_problem)
    is_over = is_live & Q(planned_end__lte=timezone.now())
    found = Experiment.objects.select_related("summary").annotate(
        is_wrong=Case(When(is_wrong, then=True), default=False),
        is_over=Case(When(is_over, then=True), default=False),
    )
    waiting = found.filter(Q(is_wrong=True) | Q(is_over=True) | Q(state=Experiment.State.DRAFT))
    by_planned_end = F("planned_end").asc(nulls_last=True)
    for each in waiting.order_by("-is_wrong", "-is_over", by_planned_end, "slug")[:MOST_SHOWN]:
        yield from _waits_of(each, is_wrong=each.is_wrong, is_over=each.is_over)


def _waits_of(experiment: Experiment, *, is_wrong: bool, is_over: bool) -> Iterator[Wait]:
    name, slug = experiment.name, experiment.slug
    if is_wrong:
        said = f"“{name}”: {experiment.summary.problem or experiment.summary.sentence}"
        yield Wait("do not trust", said, reverse("dashboard", args=[slug]))
    if is_over:
        said = f"“{name}” is at its planned end: read the result and decide."
        yield Wait("decide", said, reverse("console:decide", args=[slug]), is_bad=False)
    if experiment.state == Experiment.State.DRAFT:
        address = reverse("console:step", args=[slug, "question"])
        yield Wait("draft", f"“{name}” is not started yet.", address, is_bad=False)
