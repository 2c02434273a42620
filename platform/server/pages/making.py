"""The console's page about making: how far it is, and what failed."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from experiments.making import jobs
from experiments.models import Video
from server.console.workers import tell_workers

FAILED_A_PAGE = 50
MOST_FOUND = 24


def progress(request: HttpRequest) -> HttpResponse:
    """Show how many videos are in which state, how fast it goes, and what failed why."""
    failed = Video.objects.filter(state=Video.State.FAILED).order_by("-finished_at", "pk")
    now = jobs.progress()
    query = request.GET.get("q", "").strip()
    context = {
        "query": query,
        "found": _found(query),
        "progress": now,
        "states": [(state.label, now.counts.get(state, 0)) for state in Video.State],
        "stopped": now.counts.get(Video.State.STOPPED, 0),
        "put_off": Video.objects.filter(retry_at__isnull=False).order_by("retry_at")[:20],
        "page": Paginator(failed, FAILED_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "making/progress.html", context)


def _found(query: str) -> QuerySet[Video]:
    """Return the videos with a file whose title or slug has these words, the last made first."""
    named = Q(title__icontains=query) | Q(slug__icontains=query)
    videos = Video.objects.exclude(file="").filter(named)
    return videos.order_by(F("finished_at").desc(nulls_last=True), "pk")[:MOST_FOUND]


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Stop, resume, or try again what failed: all of it, or one video."""
    match request.POST.get("act"):
        case "stop":
            said = f"{jobs.stop()} videos taken out of the queue"
        case "resume":
            said = f"{tell_workers(request, jobs.resume())} videos queued"
        case "retry":
            chosen = Video.objects.all()
            if slug := request.POST.get("video"):
                chosen = chosen.filter(slug=slug)
            said = f"{tell_workers(request, jobs.retry(chosen))} videos queued again"
        case unknown:
            said = f"act == {unknown!r}, must be stop, resume or retry"
    messages.info(request, said)
    return redirect("making")
