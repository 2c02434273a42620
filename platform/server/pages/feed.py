"""The viewers' pages: a mock of a video site's front page, and the page of one video."""

import secrets
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from experiments.errors import EndedError, ExperimentError
from experiments.models import Experiment, Video
from experiments.serving import feed as feed_of
from experiments.serving.decision import said, standing
from experiments.serving.pictures import STILL_FILES, STILL_SELECTOR
from server.access import may_read
from server.api.feed import may_be_tracked
from server.api.parameters import MAX_VIEWER_CHARS
from server.roles import Role, role_of

VIEWER_COOKIE = "coverlift_viewer"
VIEWER_BYTES = 16
YEAR_S = 365 * 24 * 3600
SLOTS_A_PAGE = 24
NO_FILM = "This video is an entry of a catalogue: there is no file of it here."
BEING_MADE = "This video is being prepared for browsers: come back in some minutes."
CANNOT_BE_SHOWN = "This video cannot be shown in a browser."
PLAYED = {".mp4", ".m4v", ".webm"}  # most such files are, before it is known of one
BESIDE = 12  # videos beside one that is watched
EAGER = 4  # cards whose pictures are fetched before it is known what is near the view


def front(request: HttpRequest) -> HttpResponse:
    """Go to the feed of the experiment that started last, or say that none is running."""
    latest = in_feed().filter(state=Experiment.State.RUNNING).first()
    if latest is None:
        return render(request, "feed/empty.html")
    return redirect("feed", slug=latest.slug)


def feed(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page of an experiment's feed, every thumbnail that of the viewer's own arm.

    Of one that has ended it shows what was shipped, or says that nothing is.
    """
    experiment = started().filter(slug=slug).first()
    if experiment is None:
        return _not_there(request, "feed/unknown.html", slug)
    viewer, tracked = viewer_of(request), may_be_tracked(request.META)
    page, arm = page_number(request), _previewed(request)
    try:
        shown = slots(viewer, page, experiment.slug, arm=arm, tracked=tracked)
    except EndedError:
        return render(request, "feed/ended.html", {"experiment": experiment})
    except ExperimentError:
        return _not_there(request, "feed/unknown.html", slug)
    context = {
        "decided": said_of(experiment) if may_read(request) else "",
        "experiment": experiment,
        "in_feed": in_feed(),
        "simulated": shown.simulated,
        "preview": "" if arm is None else _name_of(experiment, arm),
        "slots": [_as_asked_for(request, slot) for slot in shown.slots],
        "eager": EAGER,
        "previews_at_once": settings.PREVIEWS_AT_ONCE,
        "picture_shape": settings.PICTURE_SHAPE,
        "next_page": page + 1 if len(shown.slots) == SLOTS_A_PAGE else None,
    }
    response = render(request, "feed/feed.html", context)
    # Going back to it shows it as it was left, with all its rows.
    response["Cache-Control"] = "private, no-cache"
    if tracked:
        remember(response, viewer)
    return response


def _as_asked_for(request: HttpRequest, slot: feed_of.Slot) -> feed_of.Slot:
    """Return the slot with a still for a viewer who wants to save data; the arm stays."""
    saves = request.headers.get("Save-Data", "").strip().lower() == "on"
    return replace(slot, thumbnail=slot.thumbnail.as_still()) if saves else slot


def watch(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one video, playing where there is a file of it, and others beside it."""
    try:
        video = watchable(request, slug)
    except Http404:
        return _not_there(request, "feed/unknown_video.html", slug)
    viewer, tracked = viewer_of(request), may_be_tracked(request.META)
    beside = feed_of.related(viewer, slug, count=BESIDE, tracked=tracked)
    context = {
        "video": video,
        "poster": poster(video),
        **_film(video),
        "slots": [_as_asked_for(request, slot) for slot in beside.slots],
        "simulated": beside.simulated,
        "eager": 0,
        "previews_at_once": settings.PREVIEWS_AT_ONCE,
        "picture_shape": settings.PICTURE_SHAPE,
    }
    response = render(request, "feed/watch.html", context)
    response["Cache-Control"] = "private, no-cache"
    if tracked:
        remember(response, viewer)
    return response


def _film(video: Video) -> dict[str, str]:
    """Return the address of what browsers play, or why there is none."""
    made = video.playable
    if not video.file:
        return {"no_film": NO_FILM}
    if made and "file" in made:
        return {"source": default_storage.url(made["file"])}
    if made:
        return {"no_film": CANNOT_BE_SHOWN}
    is_likely = Path(video.file.name or "").suffix.lower() in PLAYED
    return {"source": video.file.url} if made == {} or is_likely else {"no_film": BEING_MADE}


def _not_there(request: HttpRequest, template: str, slug: str) -> HttpResponse:
    """Say in words that an experiment has no feed, or that a video is not to be watched."""
    return render(request, template, {"slug": slug}, status=HTTPStatus.NOT_FOUND)


def poster(video: Video) -> str:
    """Return the address of the widest still of the video: the same for every viewer."""
    thumbnail = video.thumbnails.filter(selector=STILL_SELECTOR).first()
    files = (
        [each for each in thumbnail.renditions if each["name"] in STILL_FILES] if thumbnail else []
    )
    widest = max(files, key=lambda each: int(each["width"]), default=None)
    return default_storage.url(widest["file"]) if widest else ""


def watchable(request: HttpRequest, slug: str) -> Video:
    """Return the video, to viewers only one that is in a feed; 404 for every other."""
    shown = Video.objects.filter(experiments__in=live()).distinct()
    return get_object_or_404(Video if may_read(request) else shown, slug=slug)


def _previewed(request: HttpRequest) -> int | None:
    """Return the arm that somebody of the house looks at; None for everybody else."""
    text = request.GET.get("arm", "")
    asks = text.isascii() and text.isdigit() and len(text) < 4
    return int(text) if asks and role_of(request.user) >= Role.ANALYST else None


def _name_of(experiment: Experiment, arm: int) -> str:
    return experiment.arms.values_list("name", flat=True).filter(index=arm).first() or str(arm)


def slots(
    viewer: str, page: int, slug: str, *, arm: int | None = None, tracked: bool
) -> feed_of.Feed:
    """Return a page of a live experiment's feed, also where it started only just now."""
    ask = partial(
        feed_of.slots,
        viewer,
        count=SLOTS_A_PAGE,
        page=page,
        experiment=slug,
        arm=arm,
        tracked=tracked,
    )
    try:
        return ask()
    except ExperimentError:
        feed_of.refresh()
        return ask()


def started() -> QuerySet[Experiment]:
    """Return the experiments that viewers may know of: all but drafts."""
    return Experiment.objects.exclude(state=Experiment.State.DRAFT)


def said_of(experiment: Experiment) -> str:
    """Return what was decided about an experiment that has ended; empty for others."""
    decision = standing(experiment)
    return said(decision) if decision else ""


def live() -> QuerySet[Experiment]:
    """Return the experiments that have started and not ended, the latest first."""
    found = Experiment.objects.filter(state__in=Experiment.LIVE_STATES)
    return found.order_by("-started_at", "slug")


def in_feed() -> QuerySet[Experiment]:
    """Return the live experiments that the feed can show: all whose rows are as they must be."""
    return live().filter(pk__in=[experiment.pk for experiment in feed_of.experiments()])


def page_number(request: HttpRequest) -> int:
    """Return the page asked for, from 0; the first where the address names none."""
    text = request.GET.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0


def viewer_of(request: HttpRequest) -> str:
    """Return the viewer that the browser remembers, or a new one."""
    viewer = request.COOKIES.get(VIEWER_COOKIE, "")
    return viewer if 1 <= len(viewer) <= MAX_VIEWER_CHARS else secrets.token_urlsafe(VIEWER_BYTES)


def remember(response: HttpResponse, viewer: str) -> None:
    """Give the browser its viewer: a random text that says nothing about the person."""
    response.set_cookie(
        VIEWER_COOKIE,
        viewer,
        max_age=YEAR_S,
        httponly=True,
        samesite="Lax",
        secure=settings.PRODUCTION,
    )
