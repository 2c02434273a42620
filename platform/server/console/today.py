"""The console's first page: what runs, and what waits for a person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from experiments.analysis.report.formatting import whole
from experiments.analysis.report.verdict import Kind
from experiments.models import Experiment, ReportSummary, Video
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
        "waits": [*_site(), *_videos(by_state), *_untrusted(), *_experiments()],
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


def _untrusted() -> Iterator[Wait]:
    """Look for live experiments whose numbers cannot be trusted, or cannot be made."""
    wrong = Q(verdict=Kind.DO_NOT_TRUST) | ~Q(problem="")
    found = ReportSummary.objects.filter(wrong, experiment__state__in=Experiment.LIVE_STATES)
    latest = found.select_related("experiment").order_by("-experiment__started_at", "pk")
    for each in latest[:MOST_SHOWN]:
        said = f"“{each.experiment.name}”: {each.problem or each.sentence}"
        yield Wait("do not trust", said, reverse("dashboard", args=[each.experiment.slug]))


def _experiments() -> Iterator[Wait]:
    """Look for experiments whose planned time is over, then for those that were never started."""
    is_over = Q(state__in=Experiment.LIVE_STATES, planned_end__lte=timezone.now())
    waiting = Experiment.objects.filter(is_over | Q(state=Experiment.State.DRAFT))
    for each in waiting.order_by(F("planned_end").asc(nulls_last=True), "slug")[:MOST_SHOWN]:
        if each.state == Experiment.State.DRAFT:
            address = reverse("console:step", args=[each.slug, "question"])
            yield Wait("draft", f"“{each.name}” is not started yet.", address, is_bad=False)
        else:
            said = f"“{each.name}” is at its planned end: read the result and decide."
            address = reverse("console:decide", args=[each.slug])
            yield Wait("decide", said, address, is_bad=False)
