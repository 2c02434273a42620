"""Simulated viewers that were asked for from the console, and how far they are."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from experiments.models.experiment import Experiment


class SimulatedTraffic(models.Model):
    """One group of simulated viewers that a worker sends to a trial."""

    class State(models.TextChoices):
        """How far the group is."""

        WAITING = "waiting", "waiting for a worker"
        SENDING = "sending", "being sent"
        DONE = "done", "sent"
        FAILED = "failed", "failed"

    UNFINISHED = (State.WAITING, State.SENDING)

    experiment = models.ForeignKey(
        Experiment, on_delete=models.CASCADE, related_name="simulated_traffic"
    )
    viewers = models.PositiveIntegerField(validators=[MinValueValidator(1)])
    lift = models.FloatField(help_text="Of the last arm's click rate over the control's.")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    sent = models.PositiveIntegerField(default=0, help_text="Viewers who came so far.")
    views = models.PositiveIntegerField(default=0)
    clicks = models.PositiveIntegerField(default=0)
    message = models.TextField(blank=True, help_text="Why it ended before its last viewer.")
    took_s = models.FloatField(default=0.0, help_text="Sending, over all turns of a worker.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["experiment"],
                condition=Q(state__in=["waiting", "sending"]),
                name="simulated_traffic_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"{self.viewers} simulated viewers of {self.experiment}"
