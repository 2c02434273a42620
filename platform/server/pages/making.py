"""The console's pages about making: how far it is, what failed, and a person's choice of shots."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from kombu.exceptions import OperationalError

from experiments.errors import ExperimentError
from experiments.making import jobs, manual_selection
from experiments.making.thumbnail_steps import storyboard_times_s
from experiments.models import Thumbnail, Video
from experiments.tasks import make_storyboard, make_thumbnails
from server.access import for_operators
from server.pages import storyboard
from server.pages.storyboard import Frame

FAILED_A_PAGE = 50
MOST_FOUND = 24


@for_operators
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
@for_operators
def act(request: HttpRequest) -> HttpResponse:
    """Stop, resume, or try again what failed: all of it, or one video."""
    match request.POST.get("act"):
        case "stop":
            said = f"{jobs.stop()} videos taken out of the queue"
        case "resume":
            said = f"{_send(request, jobs.resume())} videos queued"
        case "retry":
            chosen = Video.objects.all()
            if slug := request.POST.get("video"):
                chosen = chosen.filter(slug=slug)
            said = f"{_send(request, jobs.retry(chosen))} videos queued again"
        case unknown:
            said = f"act == {unknown!r}, must be stop, resume or retry"
    messages.info(request, said)
    return redirect("making")


@for_operators
def shots(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one video's thumbnails with what else could have been chosen."""
    video = get_object_or_404(Video, slug=slug)
    thumbnails = list(video.thumbnails.order_by("selector"))
    frames, twins = _frames(request, video), manual_selection.twins(thumbnails)
    context = {
        "video": video,
        "busy": video.state in jobs.UNFINISHED,
        "shown_by": manual_selection.shown_by(video),
        "frames": list(frames.values()),
        "storyboard_error": (video.storyboard or {}).get("error", ""),
        "rows": [(each, twins[each.selector], _candidates(each, frames)) for each in thumbnails],
    }
    return render(request, "making/shots.html", context)


@require_POST
@for_operators
def pick(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a person's shots or the next distinct ones, or give it back to its selector."""
    thumbnail = get_object_or_404(
        Thumbnail, video__slug=slug, selector=request.POST.get("selector", "")
    )
    try:
        if request.POST.get("act") == "unpick":
            manual_selection.unpick(thumbnail)
        elif request.POST.get("act") == "distinguish":
            manual_selection.distinguish(thumbnail, by=request.user.get_username())
        else:
            manual_selection.pick(thumbnail, _numbers(request), by=request.user.get_username())
    except ExperimentError as error:
        messages.error(request, str(error))
    else:
        _send(request, 1)
        messages.success(request, "Noted: a worker makes the new thumbnail, which then shows here.")
    return redirect("making-shots", slug=slug)


def _numbers(request: HttpRequest) -> list[float]:
    texts = request.POST.getlist("shot")
    try:
        return [float(text) for text in texts]
    except ValueError as error:
        raise ExperimentError(f"shots == {texts}, must be numbers of seconds") from error


def _send(request: HttpRequest, count: int) -> int:
    """Tell the workers that there is work; the queue itself is the table of videos."""
    try:
        for _ in range(count):
            make_thumbnails.delay()
    except OperationalError as error:
        messages.error(request, f"the workers could not be told: {error}")
    return count


def _frames(request: HttpRequest, video: Video) -> dict[float, Frame]:
    """Return the storyboard's frames by their times; ask for one where there is none."""
    made = video.storyboard or {}
    if video.file and made.get("times_s") != storyboard_times_s(video):
        try:
            make_storyboard.delay(video.pk)
        except OperationalError as error:
            messages.error(request, f"the workers could not be told: {error}")
    return {frame.start_s: frame for frame in storyboard.frames(video)}


def _candidates(
    thumbnail: Thumbnail, frames: dict[float, Frame]
) -> list[tuple[list[float], str, list[Frame]]]:
    """Return (shots, what is said of them, their first frames) of each candidate, best first."""
    return [
        (
            starts_s,
            _said(score, next(iter(distinctness), None)),
            [frames[start_s] for start_s in starts_s if start_s in frames],
        )
        for starts_s, score, *distinctness in thumbnail.candidates
    ]


def _said(score: float, distinctness: float | None) -> str:
    """Return a candidate's figures; those made before distinctness was measured have one."""
    differ = "" if distinctness is None else f", distinctness {distinctness:.2f}"
    return f"score {score:.3g}{differ}"
