"""Phases of an experiment: spans of time in which the arms' shares stay the same."""

from django.db import models
from django.db.models import Q

from experiments.models.experiment import Arm, Experiment
from experiments.surface import Surface


class Phase(models.Model):
    """One span with fixed shares; a change of weights or ramp opens the next phase."""

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="phases")
    number = models.PositiveSmallIntegerField(help_text="Counted from 1.")
    ramp = models.FloatField(default=1.0, help_text="Share of the units that take part so far.")
    allocation = models.JSONField(
        help_text="[[end of interval, arm index], ...] over 0 .. 2^32, see docs/assignment.md."
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("experiment", "number")
        constraints = (
            models.UniqueConstraint(fields=["experiment", "number"], name="phase_number_once"),
            models.UniqueConstraint(
                fields=["experiment"], condition=Q(ended_at__isnull=True), name="phase_open_once"
            ),
            models.CheckConstraint(condition=Q(ramp__gte=0) & Q(ramp__lte=1), name="phase_ramp"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=models.F("started_at")),
                name="phase_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return f"{self.experiment} phase {self.number}"


class Cell(models.Model):
    """One arm in one phase on one surface, with its share: what an event row names in two bytes."""

    id = models.SmallAutoField(primary_key=True)
    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="cells")
    arm = models.ForeignKey(Arm, on_delete=models.CASCADE, related_name="cells")
    share = models.FloatField(help_text="Propensity: probability of the arm for a unit that is in.")
    surface = models.SmallIntegerField(
        choices=[(each.value, each.label) for each in Surface], default=Surface.FEED
    )
    counted = models.BigIntegerField(
        default=0, help_text="How often its counts have changed: the watermark of what is counted."
    )

    class Meta:
        ordering = ("phase", "arm")
        constraints = (
            models.UniqueConstraint(fields=["phase", "arm", "surface"], name="cell_once"),
            models.CheckConstraint(condition=Q(share__gte=0) & Q(share__lte=1), name="cell_share"),
        )

    def __str__(self) -> str:
        return f"{self.phase}, {self.arm}"
