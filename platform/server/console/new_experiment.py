"""The first two steps of a new experiment: its question, and its videos."""

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from experiments.errors import InvalidValuesError, StateError
from experiments.models import Experiment, Thumbnail, Video
from experiments.serving import drafts
from server.console.steps import go_on, refused, show_step, step
from server.console.uploads import upload_context
from server.console.videos import VideoFilter

MOST_LISTED = 60
ALL, MATCHING, THESE = "all", "matching", "these"


class QuestionForm(forms.Form):
    """What the experiment is to find out, and what it is called."""

    question = forms.CharField(
        label="What do you want to find out?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Do GIFs bring more clicks?"}),
    )
    name = forms.CharField(
        label="Name", help_text="As people see it in lists. Its address is made of it."
    )


class VideosForm(forms.Form):
    """Which videos: all, those that a search finds, or those that are marked."""

    which = forms.ChoiceField(
        label="Which videos?",
        widget=forms.RadioSelect,
        choices=[
            (ALL, "All that have a file or a picture"),
            (MATCHING, "All that the search finds"),
            (THESE, "Those that are marked"),
        ],
    )
    video = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: object, listed: list[Video], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(video.slug, video.title) for video in listed]
        self.fields["video"].choices = choices  # type: ignore[attr-defined]


def new(request: HttpRequest) -> HttpResponse:
    """Begin: a question and a name make a draft."""
    form = QuestionForm(request.POST or None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            draft = drafts.open_draft(given["name"], given["question"])
        except InvalidValuesError as error:
            refused(form, error)
        else:
            return redirect("console:step", draft.slug, "videos")
    return show_step(request, None, "question", {"form": form})


@step
def question(request: HttpRequest, draft: Experiment) -> HttpResponse:
    """Change the question and the name of a draft."""
    form = QuestionForm(request.POST or {"question": draft.question, "name": draft.name})
    if request.method == "POST" and form.is_valid():
        try:
            drafts.set_values(draft, form.cleaned_data)
        except (InvalidValuesError, StateError) as error:
            refused(form, error)
        else:
            return go_on(request, draft, "question")
    return show_step(request, draft, "question", {"form": form})


@step
def videos(request: HttpRequest, draft: Experiment) -> HttpResponse:
    """Choose the videos; a search shows at once what it finds."""
    chosen = draft.videos.count()
    given = request.POST or request.GET
    search = VideoFilter(given)
    matching = search.found() & _usable()
    listed = list(matching[:MOST_LISTED])
    in_sight = {video.slug for video in listed}
    stored = set(draft.videos.filter(slug__in=in_sight).values_list("slug", flat=True))
    as_stored = {"which": THESE if chosen else ALL, "video": list(stored)}
    form = VideosForm(given if "which" in given else as_stored, listed=listed)
    if request.method == "POST" and request.POST.get("go") != "search" and form.is_valid():
        out_of_sight = draft.videos.exclude(slug__in=in_sight)
        asked = _asked_for(form.cleaned_data, out_of_sight, matching)
        try:
            drafts.set_videos(draft, asked)
        except (InvalidValuesError, StateError) as error:
            refused(form, error)
        else:
            return go_on(request, draft, "videos")
    marked = set(given.getlist("video")) if "which" in given else stored
    context = {
        "form": form,
        "search": search,
        "listed": [(video, video.slug in marked) for video in listed],
        "matching": matching.count(),
        "all": _usable().count(),
        "chosen": chosen,
        **upload_context(request),
    }
    return show_step(request, draft, "videos", context)


def _asked_for(
    given: dict[str, object], out_of_sight: QuerySet[Video], matching: QuerySet[Video]
) -> QuerySet[Video]:
    """Return the videos chosen; of those marked, the ones out of sight stay as they were."""
    if given["which"] == ALL:
        return _usable()
    if given["which"] == MATCHING:
        return matching
    kept = list(out_of_sight.values_list("slug", flat=True))
    marked = set(given["video"])  # type: ignore[call-overload]
    return Video.objects.filter(slug__in=marked.union(kept))


def _usable() -> QuerySet[Video]:
    pictured = Exists(Thumbnail.objects.filter(video=OuterRef("pk")))
    # Most have a file: of these, Postgres does not ask for pictures.
    return Video.objects.filter(~Q(file="") | pictured).defer("storyboard")
