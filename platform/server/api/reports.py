"""The report of an experiment, for programs."""

from collections.abc import Iterable
from typing import ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from experiments.analysis.report.cache import current, current_course, version_of_report
from experiments.analysis.report.document import as_document
from experiments.analysis.report.no_report import reporting_on
from experiments.analysis.report.without_crossed import WITHOUT
from experiments.analysis.videos import document as videos
from experiments.analysis.videos.cache import current_videos
from experiments.models import Experiment
from server.api.strict import Strict


@extend_schema(responses={200: OpenApiTypes.OBJECT})
class VideosView(Strict):
    """GET /api/v1/reports/<slug>/videos: the document of experiments.analysis.videos.document."""

    def get_queryset(self) -> QuerySet[Experiment]:
        """Return what the permission is asked about."""
        return Experiment.objects.exclude(state=Experiment.State.DRAFT)

    def get(self, request: Request, slug: str) -> Response:
        """Answer with every video; 404 and 409 as `ReportView`."""
        del request
        experiment = get_object_or_404(self.get_queryset(), slug=slug)
        with reporting_on(experiment):
            return Response(videos.as_document(current_videos(experiment)))


@extend_schema(
    parameters=[OpenApiParameter("crossed", enum=[WITHOUT])],
    responses={200: OpenApiTypes.OBJECT},
)
class ReportView(Strict):
    """GET /api/v1/reports/<slug>: the document of experiments.analysis.report.document."""

    parameters: ClassVar[dict[str, Iterable[str]]] = {"": ("crossed",)}

    def get_queryset(self) -> QuerySet[Experiment]:
        """Return what the permission is asked about."""
        return Experiment.objects.exclude(state=Experiment.State.DRAFT)

    def get(self, request: Request, slug: str) -> Response:
        """Answer with the report; 404 for an experiment that is unknown or has not started.

        409 where its rows are not as they must be. Query parameter: ``crossed=without`` leaves out
        the units that were seen in two arms.
        """
        experiment = get_object_or_404(self.get_queryset(), slug=slug)
        crossed = request.query_params.get("crossed", "")
        if crossed not in {"", WITHOUT}:
            raise ValidationError({"crossed": f"crossed == {crossed!r}, must be {WITHOUT}"})
        with reporting_on(experiment):
            if crossed:
                return Response(as_document(current(experiment, without_crossed=True)))
            version = version_of_report(experiment)
            report = current(experiment, version=version)
            course = current_course(experiment, report, version=version)
            return Response(as_document(report, course))
