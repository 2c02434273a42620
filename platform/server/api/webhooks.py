"""Webhooks for programs: made, tried, taken away, and what was sent to them."""

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from experiments.models import Webhook, WebhookDelivery
from experiments.webhooks import addresses
from experiments.webhooks.kinds import CHOSEN
from server.api.idempotency import Once
from server.api.lifecycle import ActBody, Body, given
from server.api.strict import Pages, Strict


class WebhookBody(ActBody):
    """An address, and the kinds of events that it is told."""

    url = serializers.CharField()
    kinds = serializers.ListField(
        child=serializers.CharField(), help_text=f"Some of {', '.join(CHOSEN)}."
    )


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook, without its secret."""

    class Meta:
        model = Webhook
        fields = ("id", "url", "kinds", "is_on", "made_at")


class NewWebhookSerializer(WebhookSerializer):
    """A webhook that was just made: the one time that its secret is told."""

    class Meta(WebhookSerializer.Meta):
        fields = (*WebhookSerializer.Meta.fields, "secret")  # type: ignore[assignment]


class MessageSerializer(serializers.ModelSerializer[WebhookDelivery]):
    """A message, and how far it is."""

    id = serializers.UUIDField(source="key", read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = ("id", "kind", "subject", "state", "tries", "next_try_at", "status", "answer",
                  "made_at", "ended_at")  # fmt: skip


class WebhookViewSet(Once, Strict, ListModelMixin, RetrieveModelMixin, GenericViewSet[Webhook]):
    """Webhooks, in the order in which they were made."""

    queryset = Webhook.objects.order_by("pk")
    serializer_class = WebhookSerializer
    pagination_class = Pages
    lookup_url_kwarg, lookup_value_converter = "number", "int"
    parameters = {  # noqa: RUF012
        "list": ("page", "page_size"),
        "messages": ("page", "page_size"),
    }

    @extend_schema(request=WebhookBody, responses={201: NewWebhookSerializer})
    def create(self, request: Request) -> Response:
        """Make one; the answer alone has the secret that signs its messages."""
        asked = given(WebhookBody, request)
        made = addresses.make(asked["url"], asked["kinds"], why=asked.get("why", ""))
        return Response(NewWebhookSerializer(made).data, status=HTTPStatus.CREATED)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, number: int) -> Response:
        """Take one away, and what was sent to it."""
        del request
        addresses.remove(get_object_or_404(Webhook, pk=number))
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(request=Body, responses=WebhookSerializer)
    @action(detail=True, methods=["post"], url_path="try")
    def send_a_try(self, request: Request, number: int) -> Response:
        """Send a message that says nothing, to see whether it arrives."""
        given(Body, request)
        webhook = get_object_or_404(Webhook, pk=number)
        addresses.send_a_try(webhook)
        return Response(self.get_serializer(webhook).data)

    @extend_schema(responses=MessageSerializer(many=True))
    @action(detail=True, methods=["get"])
    def messages(self, request: Request, number: int) -> Response:
        """List what was sent to one, the latest first."""
        webhook = get_object_or_404(Webhook, pk=number)
        found: QuerySet[WebhookDelivery] = webhook.deliveries.order_by("-pk").defer("body")
        page: Any = self.paginate_queryset(found)  # type: ignore[arg-type]  # of another model
        del request
        return self.get_paginated_response(MessageSerializer(page, many=True).data)

    @extend_schema(request=Body, responses=MessageSerializer)
    @action(detail=True, methods=["post"], url_path="messages/<uuid:key>/again")
    def again(self, request: Request, number: int, key: UUID) -> Response:
        """Send a message once more."""
        given(Body, request)
        message = get_object_or_404(WebhookDelivery, webhook=number, key=key)
        addresses.retry(message)
        return Response(MessageSerializer(message).data)
