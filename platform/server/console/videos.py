"""The library: thousands of videos, to be found, put in order, and acted on together."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
)
from django.db.models.expressions import OrderBy
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from experiments.analysis.report.formatting import whole
from experiments.making import jobs
from experiments.models import Experiment, Thumbnail, Video
from server.console import deletion
from server.console.pictures import picture
from server.console.workers import tell_workers

VIDEOS_A_PAGE = 50
FILTERS = ("q", "state", "experiment", "arm", "age")
HAS_NO_FILE = ExpressionWrapper(Q(state=Video.State.CATALOGUED), BooleanField())
SORTS: dict[str, tuple[str | OrderBy, ...]] = {
    # Entries without a file have no thumbnails: thousands of them would hide the films.
    "newest": (HAS_NO_FILE.asc(), F("created_at").desc(), "-pk"),
    "title": ("title", "pk"),
    "longest": (F("duration_s").desc(nulls_last=True), "pk"),
    "state": ("state", "title", "pk"),
}
SHOWN_OF_THUMBNAILS = (
    "video_id", "selector", "file", "media_type", "width", "height", "renditions"
)  # fmt: skip


def _arms() -> Iterable[tuple[str, str]]:
    yield "", "any thumbnails"
    for selector in settings.SELECTORS:
        yield f"has {selector}", f"has {selector}"
        yield f"lacks {selector}", f"lacks {selector}"


class VideoFilter(forms.Form):
    """Some of the videos, in some order; what cannot be meant filters nothing."""

    q = forms.CharField(label="Title, name or channel", required=False, max_length=200)
    state = forms.ChoiceField(
        required=False,
        choices=[("", "any state"), *((each.value, each.label) for each in Video.State)],
    )
    experiment = forms.ModelChoiceField(
        Experiment.objects.order_by("name"), required=False, to_field_name="slug",
        empty_label="any experiment or none",
    )  # fmt: skip
    arm = forms.ChoiceField(label="Thumbnails", required=False, choices=_arms)
    age = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None,
        choices=[("", "of any age"), ("1", "added today"), ("7", "of the last 7 days"),
                 ("28", "of the last 28 days"), ("365", "of the last year")],
    )  # fmt: skip
    sort = forms.ChoiceField(
        label="Order", required=False,
        choices=[("newest", "newest first"), ("title", "by title"), ("longest", "longest first"),
                 ("state", "by state")],
    )  # fmt: skip

    def found(self) -> QuerySet[Video]:
        """Return the videos, in their order."""
        given = self.cleaned_data if self.is_valid() else {}
        videos = Video.objects.all()
        if query := given.get("q"):
            videos = videos.filter(_named(query))
        if state := given.get("state"):
            videos = videos.filter(state=state)
        if experiment := given.get("experiment"):
            videos = videos.filter(experiments=experiment)
        if days := given.get("age"):
            videos = videos.filter(_not_before(timezone.now() - timedelta(days=days)))
        if arm := given.get("arm"):
            which, _, selector = arm.partition(" ")
            made = Exists(Thumbnail.objects.filter(video=OuterRef("pk"), selector=selector))
            videos = videos.filter(made if which == "has" else ~made)
        return videos.order_by(*SORTS[given.get("sort") or "newest"])


def _named(words: str) -> Q:
    """Tell of videos that have each of the words in their title, name or channel."""
    named = Q()
    for word in words.split():
        named &= Q(title__icontains=word) | Q(slug__icontains=word) | Q(channel__icontains=word)
    return named


def _not_before(moment: datetime) -> Q:
    """Tell of videos that were published since then; where nobody said when, added since then."""
    added = Q(published_at=None, created_at__gte=moment)
    return Q(published_at__gte=moment) | added


def videos(request: HttpRequest) -> HttpResponse:
    """Show a page of the videos that are looked for."""
    form = VideoFilter(request.GET)
    page = Paginator(form.found(), VIDEOS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": _rows([video.pk for video in page.object_list]),
        "query": request.GET.urlencode(),
        "is_filtered": any(request.GET.get(name) for name in FILTERS),
    }
    return render(request, "console/videos.html", context)


@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Act on the videos that were chosen, or on all that are looked for."""
    chosen = _chosen(request.POST)
    match request.POST.get("act"):
        case "retry":
            number = tell_workers(request, jobs.retry(chosen))
            messages.info(request, f"{whole(number)} of them had failed and are tried again.")
        case "first":
            number = jobs.prioritise(chosen, Video.Urgency.PERSON)
            messages.info(request, f"{whole(number)} of them wait, and are made before all else.")
        case "last":
            number = jobs.prioritise(chosen, Video.Urgency.BACKFILL)
            messages.info(request, f"{whole(number)} of them wait, and are made behind all else.")
        case "delete":
            return deletion.ask(request, chosen)
        case unknown:
            known = "retry, first, last or delete"
            messages.error(request, f"act == {unknown!r}, must be {known}")
    return redirect("console:videos")


def _chosen(form: QueryDict) -> QuerySet[Video]:
    if form.get("all"):
        return Video.objects.filter(
            pk__in=VideoFilter(QueryDict(form.get("query"))).found().values("pk")
        )
    return Video.objects.filter(slug__in=form.getlist("video"))


def _rows(keys: list[int]) -> list[dict[str, Any]]:
    """Return the videos of these keys, in their order, each with what its row shows."""
    shown = Thumbnail.objects.only(*SHOWN_OF_THUMBNAILS).order_by("selector")
    found = (
        Video.objects.filter(pk__in=keys)
        .defer("storyboard")
        .annotate(experiment_count=Count("experiments"))
        .prefetch_related(Prefetch("thumbnails", shown))
        .in_bulk()
    )
    return [_row(found[key]) for key in keys if key in found]


def _row(video: Video) -> dict[str, Any]:
    thumbnails = list(video.thumbnails.all())
    return {
        "video": video,
        "still_url": picture(thumbnails[0]).still_url if thumbnails else "",
        "selectors": [each.selector for each in thumbnails],
    }
