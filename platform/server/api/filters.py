"""Filters of the API's lists."""

from datetime import UTC, datetime

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from rest_framework.exceptions import ValidationError

from experiments.models import AuditEntry, Experiment, Video


class VideoFilters(filters.FilterSet):  # type: ignore[misc]  # the package ships no types
    """Videos by the state of their making, words of the title, and experiment."""

    title = filters.CharFilter(lookup_expr="icontains", label="Words of the title.")
    experiment = filters.CharFilter(
        field_name="experiments__slug", label="Slug of an experiment that they are in."
    )

    class Meta:
        model = Video
        fields = ("state", "error_code")


class ExperimentFilters(filters.FilterSet):  # type: ignore[misc]  # the package ships no types
    """Experiments by state, and by a video."""

    video = filters.CharFilter(field_name="videos__slug", label="Slug of a video in them.")
    simulated = filters.BooleanFilter(method="by_traffic", label="By made-up traffic.")

    class Meta:
        model = Experiment
        fields = ("state",)

    def by_traffic(
        self,
        found: QuerySet[Experiment],
        _name: str,
        simulated: bool,  # noqa: FBT001
    ) -> QuerySet[Experiment]:
        """Return those whose traffic is made up, or is not."""
        return found.exclude(simulated="") if simulated else found.filter(simulated="")


class Moment(filters.IsoDateTimeFilter):  # type: ignore[misc]  # the package ships no types
    """A moment, in whatever zone it is given."""

    def filter(self, found: QuerySet[AuditEntry], value: datetime | None) -> QuerySet[AuditEntry]:
        """Return the rows by the moment in UTC: Postgres knows no zone of 16 hours."""
        try:
            filtered: QuerySet[AuditEntry] = super().filter(found, value and value.astimezone(UTC))
        except OverflowError as error:
            sentence = f"{value}, must lie in the years 1 to 9999"
            raise ValidationError({self.field_name: [sentence]}) from error
        return filtered


class AuditFilters(filters.FilterSet):  # type: ignore[misc]  # the package ships no types
    """Entries of the audit log by who, what, and when."""

    since = Moment(field_name="at", lookup_expr="gte", label="From then on.")
    until = Moment(field_name="at", lookup_expr="lt", label="Before then.")

    class Meta:
        model = AuditEntry
        fields = ("who", "door", "kind", "subject", "act")
