"""Videos brought, made and picked by programs: the same acts as the console's."""

import logging
from collections.abc import Callable
from dataclasses import asdict
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from kombu.exceptions import OperationalError
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from experiments.making import creatives, deletion, intake, jobs, manual_selection
from experiments.making.description import describe
from experiments.making.progress import failures, progress
from experiments.models import Creative, Intake, Thumbnail, Video
from experiments.tasks import make_thumbnails, send_make_thumbnails
from server.api import reading
from server.api.idempotency import Once
from server.api.lifecycle import ActBody, Body, given
from server.api.strict import Pages, Strict

logger = logging.getLogger(__name__)
MANY = 10  # from there on a worker sends them
MADE = {200: {"type": "object", "additionalProperties": {}}}
PLACES = {"first": Video.Urgency.PERSON, "last": Video.Urgency.BACKFILL}


class PickBody(Body):
    """The shots of a thumbnail, by where they start; none gives it back to its selector."""

    selector = serializers.CharField()
    shots_s = serializers.ListField(child=serializers.FloatField(), max_length=100)


class DistinguishBody(Body):
    """Whose thumbnail is to show the next candidate that differs from the other arms'."""

    selector = serializers.CharField()


class PlaceBody(Body):
    """Where in the queue."""

    place = serializers.ChoiceField(["first", "last"])


class DescriptionBody(ActBody):
    """Whatever is to change of the description that viewers read."""

    title = serializers.CharField(required=False)
    channel = serializers.CharField(required=False, allow_blank=True)
    published_at = serializers.DateTimeField(required=False, allow_null=True)
    licence = serializers.CharField(required=False, allow_blank=True)
    source = serializers.CharField(  # type: ignore[assignment]  # no option of the field
        required=False, allow_blank=True
    )


class CreativeBody(Body):
    """A picture or clip of a person's own; named publisher, it is the publisher's image."""

    name = serializers.CharField()
    file = serializers.FileField(allow_empty_file=True)


class UploadBody(Body):
    """A film."""

    file = serializers.FileField()


class UploadSerializer(serializers.ModelSerializer[Intake]):
    """A film that was sent: checked by a worker, then taken as a video or refused with a reason."""

    video: serializers.SlugRelatedField[Video] = serializers.SlugRelatedField(
        "slug", read_only=True
    )

    class Meta:
        model = Intake
        fields = ("key", "name", "size_bytes", "state", "reason", "video", "begun_at")


class VideoViewSet(Once, reading.VideoViewSet):
    """What is read of videos, and the acts on one."""

    @extend_schema(request=DescriptionBody, responses=reading.VideoSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change what viewers read of a video."""
        asked = given(DescriptionBody, request)
        why = asked.pop("why", "")
        describe(self._video(slug), asked, why=why)
        return self._shown(slug)

    @extend_schema(request=ActBody, responses={204: None})
    def destroy(self, request: Request, slug: str) -> Response:
        """Delete a video and its film; what was counted stays."""
        self._video(slug)
        asked = given(ActBody, request)
        deletion.delete(Video.objects.filter(slug=slug), why=asked.get("why", ""))
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(request=Body, responses=reading.VideoSerializer)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, slug: str) -> Response:
        """Put a video that failed back into the queue; one that has not is left as it is."""
        given(Body, request)
        video = self._video(slug)
        _tell_workers(jobs.retry(Video.objects.filter(pk=video.pk)))
        return self._shown(slug)

    @extend_schema(request=PickBody, responses=reading.VideoSerializer)
    @action(detail=True, methods=["post"])
    def pick(self, request: Request, slug: str) -> Response:
        """Choose a thumbnail's shots by hand, or give it back to its selector."""
        asked = given(PickBody, request)
        self._video(slug)
        thumbnail = get_object_or_404(Thumbnail, video__slug=slug, selector=asked["selector"])
        if asked["shots_s"]:
            by = request.user.get_username()
            manual_selection.pick(thumbnail, asked["shots_s"], by=by)
        else:
            manual_selection.unpick(thumbnail)
        _tell_workers(1)
        return self._shown(slug)

    @extend_schema(request=DistinguishBody, responses=reading.VideoSerializer)
    @action(detail=True, methods=["post"])
    def distinguish(self, request: Request, slug: str) -> Response:
        """Let a thumbnail show the next candidate that differs from the others'."""
        asked = given(DistinguishBody, request)
        thumbnail = get_object_or_404(Thumbnail, video__slug=slug, selector=asked["selector"])
        manual_selection.distinguish(thumbnail, by=request.user.get_username())
        _tell_workers(1)
        return self._shown(slug)

    @extend_schema(request=PlaceBody, responses=reading.VideoSerializer)
    @action(detail=True, methods=["post"])
    def prioritise(self, request: Request, slug: str) -> Response:
        """Put a video that waits before or behind all others; any other is left as it is."""
        place = PLACES[given(PlaceBody, request)["place"]]
        jobs.prioritise(Video.objects.filter(pk=self._video(slug).pk), place)
        return self._shown(slug)

    @extend_schema(request=CreativeBody, responses={201: reading.CreativeSerializer})
    @action(detail=True, methods=["post"], parser_classes=[MultiPartParser])
    def creatives(self, request: Request, slug: str) -> Response:
        """Bring a picture or clip, in the place of one of the same name."""
        asked = given(CreativeBody, request)
        brought = creatives.bring(self._video(slug), asked["name"], asked["file"])
        _tell_workers(1)
        shown = reading.CreativeSerializer(brought).data
        return Response(shown, status=HTTPStatus.CREATED)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["delete"], url_path="creatives/<str:name>")
    def remove_creative(self, request: Request, slug: str, name: str) -> Response:
        """Take a picture or clip away."""
        del request
        creatives.remove(get_object_or_404(Creative, video__slug=slug, name=name))
        _tell_workers(1)
        return Response(status=HTTPStatus.NO_CONTENT)

    def _video(self, slug: str) -> Video:
        return get_object_or_404(Video, slug=slug)

    def _shown(self, slug: str) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(slug=slug)).data)


class UploadViewSet(Once, Strict, ListModelMixin, RetrieveModelMixin, GenericViewSet[Intake]):
    """Films that this person sent, and POST /api/v1/uploads to send one."""

    queryset = Intake.objects.all()
    serializer_class = UploadSerializer
    pagination_class = Pages
    lookup_field = "key"
    lookup_value_converter = "uuid"
    parser_classes = (MultiPartParser,)
    parameters = {"list": ("page", "page_size")}  # noqa: RUF012

    def get_queryset(self) -> QuerySet[Intake]:
        """Return those of whoever asks."""
        return Intake.objects.filter(who=self.request.user.get_username()).select_related("video")

    @extend_schema(request=UploadBody, responses={202: UploadSerializer})
    def create(self, request: Request) -> Response:
        """Take a film; a worker checks it, and its thumbnails are made."""
        file = given(UploadBody, request)["file"]
        begun = intake.begin(file.name or "", file.size or 0, who=request.user.get_username())
        intake.receive(begun, intake.offset(begun), file)
        _tell_workers(1)
        begun.refresh_from_db()
        return Response(self.get_serializer(begun).data, status=HTTPStatus.ACCEPTED)


class MakingView(Strict):
    """GET /api/v1/making: how far the making of thumbnails is, and why what failed did."""

    @extend_schema(responses=MADE)
    def get(self, _request: Request) -> Response:
        """Answer with videos by state, how fast they are made, and failures by reason."""
        return Response(_making())


def making_act(name: str, act: Callable[[], int]) -> Callable[..., HttpResponseBase]:
    """Return the view of an act on the whole queue: POST /api/v1/making/<act>.

    Args:
        name: of the act.
        act: does it, and returns for how many videos workers are to be told.
    """

    class MakingActView(Once, Strict):
        @extend_schema(operation_id=f"making_{name}", request=Body, responses=MADE)
        def post(self, request: Request) -> Response:
            given(Body, request)
            _tell_workers(act())
            return Response(_making())

    return MakingActView.as_view()


def _paused() -> int:
    jobs.stop()
    return 0


MAKING_ACTS: dict[str, Callable[[], int]] = {
    "pause": _paused,
    "resume": jobs.resume,
    "retry": lambda: jobs.retry(Video.objects.all()),
}


def _making() -> dict[str, Any]:
    return {**asdict(progress()), "failures": [asdict(each) for each in failures()]}


def _tell_workers(count: int) -> None:
    """Send a task for each; what there is to do the tables say, and workers look by themselves."""
    try:
        if count > MANY:
            send_make_thumbnails.delay(count)
            return
        for _ in range(count):
            make_thumbnails.delay()
    except OperationalError as error:
        logger.warning("the workers could not be told: %s", error)
