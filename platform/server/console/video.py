"""One video: its thumbnails, all that could have been chosen, and why a step failed."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRefresh
from kombu.exceptions import OperationalError

from experiments.errors import ExperimentError
from experiments.making import jobs, manual_selection
from experiments.making.storyboard_steps import lacks_storyboard
from experiments.models import Thumbnail, Video
from experiments.tasks import make_storyboard
from server.console.pictures import picture
from server.console.workers import tell_workers
from server.pages import storyboard
from server.pages.storyboard import Frame


def video(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one video's thumbnails with what else could have been chosen."""
    shown = get_object_or_404(Video.objects.prefetch_related("thumbnails"), slug=slug)
    frames = _frames(request, shown)
    context = {
        "video": shown,
        "seen": _seen(shown),
        "moves": _moves(shown),
        "experiments": list(shown.experiments.order_by("-started_at", "slug")),
        "shown_by": manual_selection.shown_by(shown),
        "frames": list(frames.values()),
        "storyboard_error": (shown.storyboard or {}).get("error", ""),
        "rows": _rows(shown, frames),
    }
    return render(request, "console/video.html", context)


def state(request: HttpRequest, slug: str) -> HttpResponse:
    """Say where the making stands; a page that shows less than there is now is loaded again."""
    shown = get_object_or_404(Video, slug=slug)
    if request.GET.get("seen") != _seen(shown):
        return HttpResponseClientRefresh()
    context = {"video": shown, "seen": _seen(shown), "moves": _moves(shown)}
    return render(request, "console/video_state.html", context)


@require_POST
def pick(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a person's shots or the next distinct ones, or give it back to its selector."""
    thumbnail = get_object_or_404(
        Thumbnail, video__slug=slug, selector=request.POST.get("selector", "")
    )
    try:
        _picked(request, thumbnail)
    except ExperimentError as error:
        messages.error(request, str(error))
    else:
        tell_workers(request, 1)
        messages.success(request, "Noted: a worker makes the new thumbnail, which then shows here.")
    return redirect("console:video", slug=slug)


@require_POST
def retry(request: HttpRequest, slug: str) -> HttpResponse:
    """Put a video that failed back into the queue."""
    if tell_workers(request, jobs.retry(Video.objects.filter(slug=slug))):
        messages.success(request, "It is tried again; this page shows how far it is.")
    else:
        messages.warning(request, "It has not failed, or is being tried again already.")
    return redirect("console:video", slug=slug)


def _seen(shown: Video) -> str:
    """Return what of the making a page has seen: the same as long as it need not be renewed."""
    return f"{shown.state} {bool(shown.storyboard)}"


def _moves(shown: Video) -> bool:
    """Tell whether something will change by itself."""
    return shown.state in jobs.UNFINISHED or bool(shown.file and not shown.storyboard)


def _picked(request: HttpRequest, thumbnail: Thumbnail) -> None:
    by = request.user.get_username()
    match request.POST.get("act"):
        case "unpick":
            manual_selection.unpick(thumbnail)
        case "distinguish":
            manual_selection.distinguish(thumbnail, by=by)
        case _:
            manual_selection.pick(thumbnail, _numbers(request), by=by)


def _numbers(request: HttpRequest) -> list[float]:
    texts = request.POST.getlist("shot")
    try:
        return [float(text) for text in texts]
    except ValueError as error:
        raise ExperimentError(f"shots == {texts}, must be numbers of seconds") from error


def _frames(request: HttpRequest, shown: Video) -> dict[float, Frame]:
    """Return the storyboard's frames by their times; ask for one where there is none."""
    if lacks_storyboard(shown):
        try:
            make_storyboard.delay(shown.pk)
        except OperationalError as error:
            messages.error(request, f"The workers could not be told: {error}")
    return {frame.start_s: frame for frame in storyboard.frames(shown)}


def _rows(shown: Video, frames: dict[float, Frame]) -> list[dict[str, Any]]:
    """Return each thumbnail with its picture, its twins, its shots' frames and candidates."""
    thumbnails = sorted(shown.thumbnails.all(), key=lambda each: each.selector)
    twins = manual_selection.twins(thumbnails)
    return [
        {
            "thumbnail": each,
            "picture": picture(each),
            "twins": twins[each.selector],
            "can_differ": manual_selection.can_differ(each, thumbnails),
            "candidates": _candidates(each, frames),
        }
        for each in thumbnails
    ]


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
