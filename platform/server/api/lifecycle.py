"""The life cycle's door for programs: it reads the body, calls one act and shows what holds now.

What may be is the life cycle's to say, so a field has no rule here but its type.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.db import transaction
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from experiments.deciding.decide import decide
from experiments.design import ArmDesign, Design
from experiments.models import Experiment, Phase, Video
from experiments.planning.checklist import warnings
from experiments.serving import deletion, drafts, lifecycle
from experiments.serving.decision import take_back
from server.api import reading
from server.api.idempotency import Once
from server.api.strict import Strict


class Body(serializers.Serializer[Any]):
    """A body without fields; one with a field that is not asked for is refused: it is a mistake."""

    def to_internal_value(self, data: Any) -> Any:
        """Read the fields that are asked for."""
        unknown = set(data) - set(self.fields) if isinstance(data, Mapping) else set()
        if unknown:
            sentence = f"there is no such field, only: {', '.join(self.fields) or 'none'}"
            raise ValidationError({name: [sentence] for name in unknown})
        return super().to_internal_value(data)


class Number(serializers.FloatField):
    """Takes nan and infinity too, as text."""

    def to_internal_value(self, data: Any) -> float:
        """Read a number."""
        try:
            return float(data)
        except (TypeError, ValueError, OverflowError):
            self.fail("invalid")


class ActBody(Body):
    """The reason for an act, for the audit log; with what else the act takes."""

    why = serializers.CharField(allow_blank=True, required=False)


class ArmBody(Body):
    """An arm to be."""

    name = serializers.CharField(allow_blank=True)
    selector = serializers.CharField(allow_blank=True)
    weight = Number(default=1.0)


class DesignBody(Body):
    """What a draft may say, or an edit of it change."""

    videos = serializers.ListField(child=serializers.CharField(), required=False)
    question = serializers.CharField(allow_blank=True, required=False)
    simulated = serializers.CharField(allow_blank=True, required=False)
    unit = serializers.CharField(required=False)
    holdback = Number(required=False)
    layer = serializers.CharField(allow_blank=True, required=False)
    layer_from = Number(required=False)
    layer_to = Number(required=False)
    min_views = serializers.IntegerField(required=False)
    stopping_rule = serializers.CharField(required=False)
    planned_days = serializers.IntegerField(required=False, allow_null=True)
    planned_views = serializers.IntegerField(required=False, allow_null=True)
    at_end = serializers.CharField(required=False)
    expected_views = Number(required=False, allow_null=True)
    looks = serializers.IntegerField(required=False)
    level = Number(required=False)
    margin = Number(required=False)
    primary_metric = serializers.CharField(required=False)
    guardrails = serializers.DictField(child=Number(), required=False)


class DraftBody(ActBody, DesignBody):
    """A draft to be, over the videos named, or over all that have a thumbnail for every arm."""

    slug = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    arms = ArmBody(many=True)


class EditBody(DesignBody):
    """Whatever of a draft is to change."""

    name = serializers.CharField(allow_blank=True, required=False)
    arms = ArmBody(many=True, required=False)


class StartBody(ActBody):
    """How many take part at first."""

    ramp = Number(default=1.0)


class ChangeBody(ActBody):
    """What is to change: the weight of every arm by its name, the ramp, or both."""

    weights = serializers.DictField(child=Number(), required=False)
    ramp = Number(required=False)


class AddBody(ArmBody, ActBody):
    """The arm that joins."""


class DropBody(ActBody):
    """Which arm, by its name."""

    arm = serializers.CharField()


class ExtendBody(ActBody):
    """By how many days."""

    days = serializers.IntegerField()


class DecideBody(ActBody):
    """What to ship of an ended experiment."""

    choice = serializers.CharField()
    arm = serializers.CharField(allow_blank=True, required=False)
    holdback = Number(required=False)


class ExperimentViewSet(Once, reading.ExperimentViewSet):
    """What is read of experiments, and POST /api/v1/experiments to draft one."""

    @extend_schema(request=DraftBody, responses={201: reading.ExperimentSerializer})
    def create(self, request: Request) -> Response:
        """Make a draft."""
        asked = given(DraftBody, request)
        videos, why = asked.pop("videos", None), asked.pop("why", "")
        arms = tuple(ArmDesign(**arm) for arm in asked.pop("arms"))
        made = lifecycle.draft(Design(arms=arms, **asked), videos, why=why)
        return Response(self.get_serializer(made).data, status=HTTPStatus.CREATED)

    @extend_schema(request=EditBody, responses=reading.ExperimentSerializer)
    def partial_update(self, request: Request, slug: str) -> Response:
        """Change a draft, in all that is asked or in nothing."""
        experiment = get_object_or_404(Experiment, slug=slug)
        asked = given(EditBody, request)
        arms, videos = asked.pop("arms", None), asked.pop("videos", None)
        with transaction.atomic():
            if arms is not None:
                drafts.set_arms(experiment, [ArmDesign(**arm) for arm in arms])
            if videos is not None:
                drafts.set_videos(experiment, Video.objects.filter(slug__in=videos))
            drafts.set_values(experiment, asked)
        shown = self.get_queryset().get(pk=experiment.pk)
        return Response(self.get_serializer(shown).data)

    @extend_schema(request=ActBody, responses={204: None})
    def destroy(self, request: Request, slug: str) -> Response:
        """Delete an experiment that is not live, with its counts."""
        experiment = get_object_or_404(Experiment, slug=slug, decision=None)
        deletion.delete(experiment, why=given(ActBody, request).get("why", ""))
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(request=ActBody, responses={201: reading.ExperimentSerializer})
    @action(detail=True, methods=["post"])
    def copy(self, request: Request, slug: str) -> Response:
        """Make a draft like it."""
        why = given(ActBody, request).get("why", "")
        made = drafts.copy(get_object_or_404(Experiment, slug=slug), why=why)
        return Response(self.get_serializer(made).data, status=HTTPStatus.CREATED)


class ActedOn(reading.ExperimentSerializer):
    """An experiment after an act, and what is to be known of it."""

    warnings = serializers.SerializerMethodField()

    class Meta(reading.ExperimentSerializer.Meta):
        fields = (*reading.ExperimentSerializer.Meta.fields, "warnings")  # type: ignore[assignment]

    def get_warnings(self, experiment: Experiment) -> list[str]:
        """Return sentences."""
        return warnings(experiment)


def act_view(
    name: str, act: Callable[..., object], body: type[Body]
) -> Callable[..., HttpResponseBase]:
    """Return the view of one act: POST /api/v1/experiments/<slug>/<act>.

    Args:
        name: of the act.
        act: takes the experiment, and the body's fields by name.
        body: what it is given.
    """

    class ActView(Once, Strict):
        @extend_schema(operation_id=f"experiments_{name}", request=body, responses=ActedOn)
        def post(self, request: Request, slug: str) -> Response:
            experiment = get_object_or_404(Experiment, slug=slug)
            act(experiment, **given(body, request))
            return Response(ActedOn(experiment).data)

    return ActView.as_view()


def _add(experiment: Experiment, *, why: str = "", **arm: Any) -> Phase:
    return lifecycle.add_arm(experiment, ArmDesign(**arm), why=why)


ACTS: dict[str, tuple[Callable[..., object], type[Body]]] = {
    "leave_out_equal": (lifecycle.leave_out_equal, ActBody),
    "leave_out_shared": (drafts.leave_out_shared, Body),
    "mark_as_trial": (lifecycle.mark_as_trial, ActBody),
    "start": (lifecycle.start, StartBody),
    "change": (lifecycle.change, ChangeBody),
    "drop": (lifecycle.drop, DropBody),
    "add": (_add, AddBody),
    "pause": (lifecycle.pause, ActBody),
    "resume": (lifecycle.resume, ActBody),
    "extend": (lifecycle.extend, ExtendBody),
    "end": (lifecycle.end, ActBody),
    "decide": (decide, DecideBody),
    "take_back": (take_back, ActBody),
}


def given(body: type[Body], request: Request) -> dict[str, Any]:
    """Return the body's fields.

    Raises:
        ValidationError: where they are not those that are asked for.
    """
    read = body(data=request.data)
    read.is_valid(raise_exception=True)
    return dict(read.validated_data)
