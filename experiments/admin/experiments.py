"""The console's pages of experiments: drafted in a form, taken through their life by actions."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from experiments.errors import ExperimentError
from experiments.models import Arm, Experiment
from experiments.serving import lifecycle
from experiments.serving.design import FIELDS, ArmDesign, Design, arms_problem, indexes_problem
from experiments.serving.start_warnings import warnings

MAX_PICKED_VIDEOS = 500  # in one form; Django refuses a form of more than 1,000 values


class AnyText(forms.SlugField):
    """Takes every text as a slug: what is refused, the life cycle refuses."""

    default_validators = []  # noqa: RUF012  Django's own declaration


class AnyNumber(forms.FloatField):
    """Takes nan and infinity too."""

    def validate(self, value: float | None) -> None:
        """Ask only that there is one."""
        forms.Field.validate(self, value)


WITHOUT_RULES: dict[Any, dict[str, Any]] = {
    models.CharField: {"max_length": None, "required": False},
    models.SlugField: {"form_class": AnyText, "max_length": None, "required": False},
    models.FloatField: {"form_class": AnyNumber},
    models.PositiveIntegerField: {"min_value": None},
    models.PositiveSmallIntegerField: {"min_value": None},
    models.PositiveBigIntegerField: {"min_value": None},
}


class DraftForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """An experiment's own fields, with the life cycle's sentences beside them."""

    def clean(self) -> None:
        """Add the sentence of each value that cannot be."""
        super().clean()
        given = {name: self.cleaned_data[name] for name in FIELDS if name in self.cleaned_data}
        problems = replace(Design.of(self.instance), **given).problems(self.instance)
        for name, problem in problems.items():
            if name in self.fields and name not in self.errors:
                self.add_error(name, problem)


class ArmForm(forms.ModelForm):  # type: ignore[type-arg]  # generic in the stubs alone
    """One arm, with the life cycle's sentences beside its fields."""

    def clean(self) -> None:
        """Add the sentence of each value that cannot be."""
        super().clean()
        if "name" in self.fields and not self.errors:
            for name, problem in _arm(self.cleaned_data).problems().items():
                self.add_error(name, problem)


class ArmFormSet(BaseInlineFormSet):  # type: ignore[type-arg]  # generic in the stubs alone
    """The arms of an experiment, checked together."""

    def clean(self) -> None:
        """Raise ValidationError where the arms cannot be compared."""
        if any(self.errors) or _fixed(self.instance):
            return
        filled = [form.cleaned_data for form in self.forms if form.cleaned_data]
        rows = sorted(
            (row for row in filled if not row.get("DELETE")), key=lambda row: int(row["index"])
        )
        indexes = [row["index"] for row in rows]
        if problem := arms_problem([_arm(row) for row in rows]) or indexes_problem(indexes):
            raise ValidationError(problem)
        super().clean()


class ArmInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """What an experiment compares."""

    model = Arm
    form = ArmForm
    formset = ArmFormSet
    formfield_overrides = WITHOUT_RULES
    extra = 0
    min_num = 2
    fields = ("index", "name", "selector", "weight")

    def get_readonly_fields(
        self,
        request: HttpRequest,  # noqa: ARG002  Django's signature
        obj: Experiment | None = None,
    ) -> tuple[str, ...]:
        """Lock every field once the experiment has started."""
        return ("index", "name", "selector", "weight") if _fixed(obj) else ()

    def has_add_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Refuse new arms once the experiment has started."""
        return not _fixed(obj) and super().has_add_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Keep the arms once the experiment has started."""
        return not _fixed(obj) and super().has_delete_permission(request, obj)


@admin.register(Experiment)
class ExperimentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Experiments: drafted here, taken through their life by actions."""

    list_display = ("name", "state", "unit", "arm_names", "started_at", "ended_at", "made_traffic")
    list_filter = ("state", "unit", ("simulated", admin.EmptyFieldListFilter))
    search_fields = ("name", "slug", "question")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012  Django's own declaration
    autocomplete_fields = ("videos",)
    readonly_fields = ("video_list", "state", "started_at", "planned_end", "ended_at")
    inlines = (ArmInline,)
    actions = ("leave_out_equal", "start", "pause", "resume", "end")
    form = DraftForm
    formfield_overrides = WITHOUT_RULES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        """Fetch the arms of all listed experiments in one query."""
        return super().get_queryset(request).prefetch_related("arms")

    def get_readonly_fields(
        self,
        request: HttpRequest,  # noqa: ARG002  Django's signature
        obj: Experiment | None = None,
    ) -> tuple[str, ...]:
        """Lock what a viewer's arm follows from, once the experiment has started."""
        return self.readonly_fields + (lifecycle.FIXED_BY_START if _fixed(obj) else ())

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
                    "fields": [name for name in lifecycle.FIXED_BY_START if name != "slug"],
                    "description": locked if _fixed(obj) else "",
                },
            ),
            ("State", {"fields": ("state", "started_at", "planned_end", "ended_at")}),
        )

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Keep a live experiment: it is ended first."""
        kept = obj is not None and not lifecycle.may_be_deleted(obj)
        return not kept and super().has_delete_permission(request, obj)

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
        self._act(request, queryset, lifecycle.start, "started")

    @admin.action(
        description="Leave out videos on which arms show the same shots", permissions=["change"]
    )
    def leave_out_equal(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        """Take such videos out of every draft; say why they stay in another."""
        self._act(request, queryset, lifecycle.leave_out_equal, "freed of such videos")

    @admin.action(description="Pause the selected experiments", permissions=["change"])
    def pause(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        """Pause every running experiment; say why another cannot be."""
        self._act(request, queryset, lifecycle.pause, "paused")

    @admin.action(description="Resume the selected experiments", permissions=["change"])
    def resume(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        """Resume every paused experiment; say why another cannot be."""
        self._act(request, queryset, lifecycle.resume, "resumed")

    @admin.action(description="End the selected experiments", permissions=["change"])
    def end(self, request: HttpRequest, queryset: QuerySet[Experiment]) -> None:
        """End every live experiment; say why another cannot be."""
        self._act(request, queryset, lifecycle.end, "ended")

    def _act(
        self,
        request: HttpRequest,
        queryset: QuerySet[Experiment],
        act: Callable[[Experiment], object],
        done: str,
    ) -> None:
        for experiment in queryset:
            try:
                act(experiment)
            except ExperimentError as error:
                self.message_user(request, f"{experiment}: {error}", messages.ERROR)
                continue
            self.log_change(request, experiment, f"The experiment was {done}.")
            self.message_user(request, f"{experiment}: {done}", messages.SUCCESS)
            for warning in warnings(experiment):
                self.message_user(request, warning, messages.WARNING)


def _arm(row: dict[str, Any]) -> ArmDesign:
    return ArmDesign(row["name"], row["selector"], row["weight"])


def _fixed(experiment: Experiment | None) -> bool:
    return experiment is not None and not lifecycle.may_be_redesigned(experiment)


def _videos_field(experiment: Experiment | None) -> str:
    """Return what shows the videos: a field to pick them, while they are few and may change."""
    few = experiment is None or experiment.videos.count() <= MAX_PICKED_VIDEOS
    return "videos" if few and not _fixed(experiment) else "video_list"
