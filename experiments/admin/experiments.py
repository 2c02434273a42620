"""The table of experiments, to be looked at: the console's pages make, run and decide them."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from experiments.models import Arm, Experiment
from experiments.serving import deletion


class ArmInline(admin.TabularInline):  # type: ignore[type-arg]  # generic in the stubs alone
    """What an experiment compares."""

    model = Arm
    can_delete = False
    fields = ("index", "name", "selector", "weight")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: the life cycle adds arms."""
        return False


@admin.register(Experiment)
class ExperimentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs alone
    """Experiments as they are; one that is not live may be deleted, which is noted."""

    list_display = ("name", "state", "unit", "arm_names", "started_at", "ended_at", "made_traffic")
    list_filter = ("state", "unit", ("simulated", admin.EmptyFieldListFilter))
    search_fields = ("name", "slug", "question")
    exclude = ("videos",)
    inlines = (ArmInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Experiment]:
        """Fetch the arms of all listed experiments in one query."""
        return super().get_queryset(request).prefetch_related("arms")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: an experiment begins with the console's question."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:  # noqa: ARG002  Django's signature
        """Refuse: every change is an act of the life cycle, with a reason."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Experiment | None = None) -> bool:
        """Let one experiment go that is not live; never several, among which one may be."""
        may_go = obj is not None and not deletion.problem(obj)
        return may_go and super().has_delete_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Experiment) -> None:  # noqa: ARG002  Django's signature
        """Delete it, and say so in the audit log."""
        deletion.delete(obj)

    @admin.display(description="arms")
    def arm_names(self, experiment: Experiment) -> str:
        """Return the arms' names, the control first."""
        return ", ".join(arm.name for arm in experiment.arms.all())

    @admin.display(description="simulated", boolean=True)
    def made_traffic(self, experiment: Experiment) -> bool:
        """Return whether the traffic is simulated."""
        return bool(experiment.simulated)
