"""Webhooks, and what was sent to them."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Webhook(models.Model):
    """An address of another site that is told what happens here."""

    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=30), help_text="Of the events that it is told.")
    secret = models.CharField(max_length=100, help_text="What signs each message.")
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """One message to one address, with how far it is."""

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting", "waiting"
        DELIVERED = "delivered", "delivered"
        GIVEN_UP = "given_up", "given up"

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="The message's id.")
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField(max_length=30)
    subject = models.CharField(max_length=100, help_text="A slug: of what it tells.")
    body = models.TextField(help_text="As it is sent, and signed.")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="Of the last answer.")
    answer = models.TextField(blank=True, help_text="The last answer's beginning, or what failed.")
    made_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=["next_try_at"], condition=Q(state="waiting"), name="webhook_waiting"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject} to {self.webhook}"
