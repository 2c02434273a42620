"""The audit log, for programs."""

from rest_framework import serializers
from rest_framework.mixins import ListModelMixin
from rest_framework.viewsets import GenericViewSet

from experiments.models import AuditEntry
from server.api.filters import AuditFilters
from server.api.strict import Pages, Strict


class AuditSerializer(serializers.ModelSerializer[AuditEntry]):
    """One act: who did what to what, by which door, and why."""

    class Meta:
        model = AuditEntry
        fields = ("at", "who", "door", "kind", "subject", "act", "before", "after", "why")


class AuditViewSet(Strict, ListModelMixin, GenericViewSet[AuditEntry]):
    """GET /api/v1/audit: the latest first."""

    queryset = AuditEntry.objects.order_by("-pk")
    serializer_class = AuditSerializer
    pagination_class = Pages
    filterset_class = AuditFilters
