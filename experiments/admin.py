"""The console: what an analyst sees and sets by hand, in Django's admin."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from experiments.errors import ExperimentError
from experiments.models import Arm, Experiment, Thumbnail, Video
from experiments.serving import lifecycle

admin.site.site_header = "Coverlift console"
admin.site.site_title = "Coverlift"
admin.site.index_title = "Console"

# A viewer's arm follows from these; a change would move viewers who have already seen one.
DESIGN = (
    "unit", "min_views", "salt", "holdback", "layer", "layer_from", "layer_to", "simulated",
)  # fmt: skip
MAX_PICKED_VIDEOS = 500  # in one form; Django refuses a form of more than 1,000 values


class ThumbnailInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """The pictures made of a video; only the thumbnailer makes them."""

    model = Thumbnail
    extra = 0
    can_delete = False
    fields = (
        "picture", "selector", "model_version", "size_bytes", "shots_s", "picked_by", "note",
    )  # fmt: skip
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Video | None = None) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: pictures come from the thumbnailer."""
        return False

    @admin.display(description="picture")
    def picture(self, thumbnail: Thumbnail) -> str:
        """Show the thumbnail itself."""
        return _picture(thumbnail)


@admin.register(Thumbnail)
class ThumbnailAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Every thumbnail, to be looked at."""

    list_display = ("picture", "video", "selector", "model_version", "size_bytes", "note")
    list_filter = ("selector", "model_version", "media_type")
    list_select_related = ("video",)
    search_fields = ("video__title", "video__slug")
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: pictures come from the thumbnailer."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Thumbnail | None = None) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: a thumbnail is made again, not edited."""
        return False

    @admin.display(description="picture")
    def picture(self, thumbnail: Thumbnail) -> str:
        """Show the thumbnail itself."""
        return _picture(thumbnail)


@admin.register(Video)
class VideoAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """The catalogue, with what went wrong where it did."""

    list_display = ("title", "state", "problem", "duration_s", "thumbnails_made", "licence")
    list_filter = ("state", "error_code", "licence", "experiments")
    search_fields = ("title", "slug", "error_message")
    readonly_fields = (
        "shots", "state", "step", "attempts", "retry_at", "finished_at", "error_code",
        "error_message", "original_name", "content_sha256", "created_at",
    )  # fmt: skip
    exclude = ("storyboard",)
    prepopulated_fields = {"slug": ("title",)}  # noqa: RUF012  Django's own declaration
    inlines = (ThumbnailInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Video]:
        """Count each video's thumbnails in the one query."""
        videos: QuerySet[Video] = super().get_queryset(request)
        return videos.annotate(thumbnail_count=Count("thumbnails"))

    @admin.display(description="shots")
    def shots(self, video: Video) -> str:
        """Link to the page where shots are picked."""
        if not video.slug:
            return "-"
        return format_html('<a href="{}">pick</a>', reverse("making-shots", args=[video.slug]))

    @admin.display(description="thumbnails", ordering="thumbnail_count")
    def thumbnails_made(self, video: Any) -> int:
        """Return how many thumbnails the video has."""
        return int(video.thumbnail_count)

    @admin.display(description="error", ordering="error_code")
    def problem(self, video: Video) -> str:
        """Return why a failed video failed; "-" where it did not."""
        return f"{video.error_code}: {video.error_message}" if video.error_code else "-"


class ArmFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # generic in the stubs alone
    """The arms of an experiment, checked together."""

    def clean(self) -> None:
        """Raise ValidationError where the arms cannot be compared."""
        super().clean()
        if any(self.errors) or _started(self.instance):
            return
        rows = [form.cleaned_data for form in self.forms if form.cleaned_data]
        arms = [(row["index"], row["weight"]) for row in rows if not row.get("DELETE")]
        if problem := arms_problem(arms):
            raise ValidationError(problem)


class ArmInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """What an experiment compares."""

    model = Arm
    formset = ArmFormSet
    extra = 0
    min_num = 2
    fields = ("index", "name", "selector", "weight")

    def get_readonly_fields(
        self,
        request: HttpRequest,  # noqa: ARG002  Django's signature
        obj: Experiment | None = None,
    ) -> tuple[str, ...]:
        """Lock every field once the experiment has started."""
        return ("index", "name", "selector", "weight") if _started(obj) else ()

    def has_add_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Refuse new arms once the experiment has started."""
        return not _started(obj) and super().has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Keep the arms once the experiment has started."""
        return not _started(obj) and super().has_delete_permission(request, obj)


@admin.register(Experiment)
class ExperimentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Experiments: drafted here, started and ended by an action."""

    list_display = ("name", "state", "unit", "arm_names", "started_at", "ended_at", "made_traffic")
    list_filter = ("state", "unit", ("simulated", admin.EmptyFieldListFilter))
    search_fields = ("name", "slug", "question")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012  Django's own declaration
    autocomplete_fields = ("videos",)
    readonly_fields = ("video_list", "state", "started_at", "ended_at")
    inlines = (ArmInline,)
    actions = ("start", "end")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        """Fetch the arms of all listed experiments in one query."""
        return super().get_queryset(request).prefetch_related("arms")

    def get_readonly_fields(
        self,
        request: HttpRequest,  # noqa: ARG002  Django's signature
        obj: Experiment | None = None,
    ) -> tuple[str, ...]:
        """Lock what a viewer's arm follows from, once the experiment has started."""
        return self.readonly_fields + (DESIGN if _started(obj) else ())

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Experiment | None = None
    ) -> dict[str, Any]:
        """Leave the slug of an experiment that exists alone: links lead to it."""
        return {} if obj else dict(super().get_prepopulated_fields(request, obj))

    def get_fieldsets(
        self,
        request: HttpRequest,  # noqa: ARG002  Django's signature
        obj: Experiment | None = None,
    ) -> Any:
        """Put what identifies the experiment first, then its design, then its state."""
        locked = "Locked: the experiment has started, and viewers keep the arm they were given."
        return (
            (None, {"fields": ("name", "slug", "question", _videos_field(obj))}),
            (
                "Design",
                {
                    "fields": DESIGN,
                    "description": locked if _started(obj) else "",
                },
            ),
            ("State", {"fields": ("state", "started_at", "ended_at")}),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Keep a running experiment: it is ended first."""
        running = obj is not None and obj.state == Experiment.State.RUNNING
        return not running and super().has_delete_permission(request, obj)

    @admin.display(description="videos")
    def video_list(self, experiment: Experiment) -> str:
        """Return how many videos there are, with a link to their list."""
        address = reverse("admin:experiments_video_changelist")
        return format_html(
            '<a href="{}?experiments__id__exact={}">{} videos</a>',
            address,
            experiment.pk,
            experiment.videos.count(),
        )

    @admin.display(description="arms")
    def arm_names(self, experiment: Experiment) -> str:
        """Return the arms' names, the control first."""
        return ", ".join(arm.name for arm in experiment.arms.all())

    @admin.display(description="simulated", boolean=True)
    def made_traffic(self, experiment: Experiment) -> bool:
        """Return whether the traffic is simulated."""
        return bool(experiment.simulated)

    @admin.action(description="Start the selected experiments", permissions=["change"])
    def start(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        """Start every draft that can be; say why another cannot."""
        for experiment in queryset:
            with transaction.atomic():
                problem = start_problem(experiment)
                if not problem:
                    experiment.state = Experiment.State.RUNNING
                    experiment.started_at = timezone.now()
                    experiment.save(update_fields=["state", "started_at"])
            if problem:
                self.message_user(request, f"{experiment}: {problem}", messages.ERROR)
            else:
                self._record(request, experiment, "started")

    @admin.action(description="End the selected experiments", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        """End every running experiment; say why another cannot be."""
        for experiment in queryset:
            try:
                lifecycle.end(experiment)
            except ExperimentError as error:
                self.message_user(request, str(error), messages.ERROR)
                continue
            self._record(request, experiment, "ended")

    def _record(self, request: HttpRequest, experiment: Experiment, done: str) -> None:
        self.log_change(request, experiment, f"The experiment was {done}.")
        self.message_user(request, f"{experiment}: {done}", messages.SUCCESS)


def start_problem(experiment: Experiment) -> str:
    """Return why a draft cannot start; empty where it can. Within a transaction."""
    if experiment.state != Experiment.State.DRAFT:
        return f"state == {experiment.state!r}, must be 'draft': an experiment starts once"
    problem = arms_problem(list(experiment.arms.values_list("index", "weight")))
    if problem:
        return problem
    if not experiment.videos.exists():
        return "has no video: add some first"
    return _thumbnails_problem(experiment) or lifecycle.layer_problem(experiment)


def arms_problem(arms: list[tuple[int, float]]) -> str:
    """Return why arms, given as (index, weight), cannot be compared; empty where they can."""
    indexes = sorted(index for index, _ in arms)
    if len(arms) < 2:
        return f"{len(arms)} arms given, must be at least 2: a control and what it is compared to"
    if 0 not in indexes:
        return "no arm has index 0, must be one: the control"
    if indexes != list(range(len(arms))):
        return f"arm indexes == {indexes}, must be 0 to {len(arms) - 1}, each once"
    if not sum(weight for _, weight in arms) > 0:
        return "every arm's weight is 0, must add up to more: nobody would be shown anything"
    return ""


def _thumbnails_problem(experiment: Experiment) -> str:
    videos = experiment.videos.all()
    for selector in experiment.arms.filter(weight__gt=0).values_list("selector", flat=True):
        videos = videos.filter(thumbnails__selector=selector)
    if videos.exists():
        return ""
    return "no video has a thumbnail of every arm's selector: let the worker make them first"


def _started(experiment: Experiment | None) -> bool:
    return experiment is not None and experiment.state != Experiment.State.DRAFT


def _videos_field(experiment: Experiment | None) -> str:
    """Return what shows the videos: a field to pick them, while they are few and may change."""
    few = experiment is None or experiment.videos.count() <= MAX_PICKED_VIDEOS
    return "videos" if few and not _started(experiment) else "video_list"


def _picture(thumbnail: Thumbnail) -> str:
    return format_html(
        '<img src="{}" width="{}" height="{}" loading="lazy" alt="{}">',
        thumbnail.file.url,
        thumbnail.width // 2,
        thumbnail.height // 2,
        str(thumbnail),
    )
