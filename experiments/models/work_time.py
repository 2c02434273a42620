"""The table of work in the background."""

from django.db import models
from django.utils import timezone


class WorkTime(models.Model):
    """One kind of work: how often it was done, how long that took, and when it last ended."""

    class Kind(models.TextChoices):
        """Where the work belongs."""

        TASK = "task", "regular task"
        STEP = "step", "step of making thumbnails"

    kind = models.CharField(max_length=4, choices=Kind)
    name = models.CharField(max_length=40)
    runs = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0.0, help_text="All runs together.")
    last_s = models.FloatField(db_default=0.0, help_text="The last run.")
    ended_at = models.DateTimeField(default=timezone.now, help_text="The last run.")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["kind", "name"], name="work_time_once"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
