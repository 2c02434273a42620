"""The catalogue, the experiments and their counts, for programs: everything here only reads."""

from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from experiments.analysis import kept_counts, queries
from experiments.analysis.layout import Layout
from experiments.analysis.report.no_report import reporting_on
from experiments.equal_arms import equal_arms
from experiments.measures import MEASURES
from experiments.models import Arm, Creative, Experiment, Phase, Thumbnail, Video
from experiments.planning.checklist import checklist
from experiments.surface import SURFACES, Surface
from server.api.filters import ExperimentFilters, VideoFilters
from server.api.strict import Pages, Strict

Row = dict[str, Any]
ANY_LIST = {200: {"type": "array", "items": {"type": "object", "additionalProperties": {}}}}


class CreativeSerializer(serializers.ModelSerializer[Creative]):
    """A picture that a person brought; its original is never served."""

    class Meta:
        model = Creative
        fields = (
            "name", "original_name", "size_bytes", "brought_at", "error_code",
            "error_message",
        )  # fmt: skip


class ThumbnailSerializer(serializers.ModelSerializer[Thumbnail]):
    """One thumbnail and what chose it; one that stands in for the publisher's image says so."""

    is_stand_in = serializers.BooleanField(read_only=True)

    class Meta:
        model = Thumbnail
        fields = (
            "selector", "is_stand_in", "model_version", "file", "media_type", "size_bytes",
            "width", "height", "renditions", "shots_s", "shot_length_s", "picked_by",
            "candidates", "note", "made_at",
        )  # fmt: skip


class VideoSerializer(serializers.ModelSerializer[Video]):
    """One video and its thumbnails."""

    thumbnails = ThumbnailSerializer(many=True, read_only=True)
    creatives = CreativeSerializer(many=True, read_only=True)

    class Meta:
        model = Video
        fields = (
            "slug", "title", "channel", "published_at", "licence", "source", "duration_s", "state",
            "error_code", "error_message", "created_at", "thumbnails", "creatives",
        )  # fmt: skip


class ArmSerializer(serializers.ModelSerializer[Arm]):
    """One arm; index 0 is the control."""

    class Meta:
        model = Arm
        fields = ("index", "name", "selector", "weight")


class PhaseSerializer(serializers.ModelSerializer[Phase]):
    """One span of time with fixed shares, see docs/assignment.md."""

    class Meta:
        model = Phase
        fields = ("number", "ramp", "allocation", "started_at", "ended_at")


class ExperimentSerializer(serializers.ModelSerializer[Experiment]):
    """One experiment, its arms and phases; never its salt, which would tell arms in advance."""

    arms = ArmSerializer(many=True, read_only=True)
    phases = PhaseSerializer(many=True, read_only=True)

    class Meta:
        model = Experiment
        fields = (
            "slug", "name", "question", "simulated", "unit", "state", "min_views", "holdback",
            "layer", "layer_from", "layer_to", "stopping_rule", "planned_days", "planned_views",
            "planned_end", "at_end", "expected_views", "looks", "level", "margin",
            "primary_metric", "guardrails",
            "started_at", "ended_at", "arms", "phases",
        )  # fmt: skip


class VideoViewSet(Strict, ReadOnlyModelViewSet[Video]):
    """GET /api/v1/videos and /api/v1/videos/<slug>."""

    queryset = Video.objects.prefetch_related("thumbnails", "creatives")
    serializer_class = VideoSerializer
    lookup_field = "slug"
    pagination_class = Pages
    filterset_class = VideoFilters


class ExperimentViewSet(Strict, ReadOnlyModelViewSet[Experiment]):
    """GET /api/v1/experiments, /api/v1/experiments/<slug> and /api/v1/experiments/<slug>/counts."""

    queryset = Experiment.objects.prefetch_related("arms", "phases")
    serializer_class = ExperimentSerializer
    lookup_field = "slug"
    pagination_class = Pages
    filterset_class = ExperimentFilters
    parameters: ClassVar[dict[str, Iterable[str]]] = {
        "counts": ("by", "bots", "surface", "page", "page_size")
    }

    @extend_schema(
        parameters=[
            OpenApiParameter("by", enum=["day", "hour", "video"]),
            OpenApiParameter("bots", enum=["0", "1"]),
            OpenApiParameter("surface", enum=list(SURFACES)),
        ],
        responses=inline_serializer(
            "Counts",
            {
                "count": serializers.IntegerField(),
                "next": serializers.URLField(allow_null=True),
                "previous": serializers.URLField(allow_null=True),
                "results": serializers.ListField(child=serializers.DictField()),
            },
        ),
        filters=False,
    )
    @action(detail=True)
    def counts(self, request: Request, slug: str) -> Response:
        """Answer with every measure by arm and day, hour or video; null is not counted.

        Query parameters: ``by``, one of day, hour and video; ``bots=1`` counts suspect events too;
        ``surface=related`` counts what was shown beside videos, in the place of feeds.
        """
        del slug
        by = _one_of(request, "by", "day", _ROWS)
        bots = _one_of(request, "bots", "0", ("0", "1"))
        surface = _one_of(request, "surface", Surface.FEED.label, SURFACES)
        experiment = self.get_object()
        with reporting_on(experiment):
            layout = Layout.of(experiment, SURFACES[surface])
            rows = _ROWS[by](layout, include_bots=bots == "1")
        return self.get_paginated_response(self.paginate_queryset(rows))

    @extend_schema(responses=ANY_LIST, filters=False)
    @action(detail=True, pagination_class=None)
    def equal_arms(self, _request: Request, slug: str) -> Response:
        """Answer with the arms that show the same shots of a video, by video."""
        del slug
        return Response([asdict(each) for each in equal_arms(self.get_object())])

    @extend_schema(responses=ANY_LIST, filters=False)
    @action(detail=True, pagination_class=None)
    def checklist(self, _request: Request, slug: str) -> Response:
        """Answer with what stands against a draft's launch, point by point."""
        del slug
        return Response([asdict(each) for each in checklist(self.get_object())])


@extend_schema(responses={200: OpenApiTypes.OBJECT})
class RejectionsView(Strict):
    """GET /api/v1/rejections: how many events were refused, by reason."""

    def get(self, _request: Request) -> Response:
        """Answer with all of them."""
        return Response(queries.rejections())


def _one_of(request: Request, name: str, default: str, known: Collection[str]) -> str:
    """Return a parameter of the address; 400 where it is none of those that are known."""
    given = request.query_params.get(name, default)
    if given not in known:
        raise ValidationError({name: f"{name} == {given!r}, must be {', '.join(known)}"})
    return given


def _by_day(layout: Layout, *, include_bots: bool) -> list[Row]:
    counts = kept_counts.site_daily_counts(layout, include_bots=include_bots)
    return [{"day": row.start, "arm": row.arm, **row.measures} for row in counts]


def _by_hour(layout: Layout, *, include_bots: bool) -> list[Row]:
    counts = kept_counts.hourly_counts(layout, include_bots=include_bots)
    return [{"hour": row.start, "arm": row.arm, **row.measures} for row in counts]


def _by_video(layout: Layout, *, include_bots: bool) -> list[Row]:
    counts = list(
        kept_counts.video_measures(layout, MEASURES, include_bots=include_bots).by_video()
    )
    slugs = Video.objects.in_bulk({pk for pk, *_ in counts})
    return [
        {"video": slugs[pk].slug if pk in slugs else str(pk), "arm": arm, **measures}
        for pk, arm, measures in counts
    ]


_ROWS = {"day": _by_day, "hour": _by_hour, "video": _by_video}
