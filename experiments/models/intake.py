"""Files on their way into the catalogue."""

import uuid

from django.db import models
from django.db.models import Q

from experiments.door import Door
from experiments.models.audit import DOORS
from experiments.models.catalogue import Video


class Intake(models.Model):
    """One file that somebody brings: sent in pieces, or named where it lies on the server."""

    class State(models.TextChoices):
        """Where it stands; a file that was refused is brought again as another."""

        RECEIVING = "receiving", "being received"
        CHECKING = "checking", "waits for its check"
        TAKEN = "taken", "taken"
        REFUSED = "refused", "refused"

    key = models.UUIDField(unique=True, default=uuid.uuid4, help_text="In its address.")
    name = models.CharField(max_length=300, help_text="As it was brought.")
    size_bytes = models.PositiveBigIntegerField()
    changed_ms = models.BigIntegerField(
        default=0, help_text="Its last change, by the sender: with name and size it is the same."
    )
    path = models.CharField(
        max_length=1000, blank=True, help_text="On the server; empty for one that was sent."
    )
    title = models.CharField(max_length=200, blank=True)
    channel = models.CharField(max_length=100, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    licence = models.CharField(max_length=100, blank=True)
    source = models.CharField(max_length=300, blank=True)
    image = models.CharField(
        max_length=1000, blank=True, help_text="Path on the server of the publisher's image."
    )
    who = models.CharField(max_length=150)
    door = models.CharField(max_length=10, choices=DOORS, default=Door.CONSOLE.value)
    state = models.CharField(max_length=9, choices=State, default=State.RECEIVING)
    reason = models.TextField(blank=True, help_text="Why it was refused.")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Checks that were lost.")
    video = models.ForeignKey(Video, on_delete=models.SET_NULL, null=True, related_name="+")
    begun_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=["id"], condition=Q(state="checking"), name="intake_checking"),
            models.Index(fields=["who", "-id"], name="intake_of_whom"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state="refused") ^ Q(reason=""), name="intake_refused_iff_reason"
            ),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="intake_not_empty"),
        )

    def __str__(self) -> str:
        return self.name
