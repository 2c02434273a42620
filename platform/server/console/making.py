"""The making of thumbnails: how far it is, what failed and why, and what is made next."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from experiments.analysis.report.formatting import whole
from experiments.making import jobs
from experiments.making.progress import failures, progress
from experiments.models import Video
from server.console.workers import tell_workers

FAILED_A_PAGE = 50
NEXT_SHOWN = 20


def page(request: HttpRequest) -> HttpResponse:
    """Show how far it is, what is next, and what failed."""
    failed = Video.objects.filter(state=Video.State.FAILED).order_by("-finished_at", "pk")
    if code := request.GET.get("code", ""):
        failed = failed.filter(error_code=code)
    waiting = jobs.queue()
    context = _moving() | {
        "code": code,
        "next": list(waiting[:NEXT_SHOWN]),
        "waiting": waiting.count(),
        "page": Paginator(failed, FAILED_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "console/making.html", context)


def part(request: HttpRequest) -> HttpResponse:
    """Show what moves by itself, for a page that asks again."""
    return render(request, "console/making_progress.html", _moving())


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Pause, go on, try again what failed, or change the order of what waits."""
    match request.POST.get("act"):
        case "pause":
            said = f"Paused: {_videos(jobs.stop())}."
        case "go on":
            said = f"Queued: {_videos(tell_workers(request, jobs.resume()))}."
        case "retry":
            number = tell_workers(request, jobs.retry(_chosen(request)))
            said = f"Tried again: {_videos(number)}."
        case "first":
            number = jobs.prioritise(_chosen(request), Video.Urgency.PERSON)
            said = f"Made before all else: {_videos(number)}."
        case "last":
            number = jobs.prioritise(_chosen(request), Video.Urgency.BACKFILL)
            said = f"Made behind all else: {_videos(number)}."
        case unknown:
            messages.error(request, f"act == {unknown!r}, must be pause, go on, retry, first, last")
            return redirect("console:making")
    messages.success(request, said)
    return redirect("console:making")


def _videos(number: int) -> str:
    return f"{whole(number)} video{'' if number == 1 else 's'}"


def _chosen(request: HttpRequest) -> QuerySet[Video]:
    """Return the video named, those that failed for the reason named, or all."""
    fields = {"video": "slug", "code": "error_code", "step": "step"}
    given = {field: request.POST[name] for name, field in fields.items() if name in request.POST}
    return Video.objects.filter(**given)


def _moving() -> dict[str, object]:
    now = progress()
    return {
        "progress": now,
        "states": [
            (state.label, number) for state in Video.State if (number := now.counts.get(state, 0))
        ],
        "paused": now.counts.get(Video.State.STOPPED, 0),
        "failures": failures(),
    }
