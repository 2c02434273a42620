"""Decisions: what is shipped after an experiment has ended, and to whom it is not yet."""

from django.db import models
from django.db.models import Q

from experiments.choice import Choice
from experiments.models.catalogue import Video
from experiments.models.experiment import Experiment

CHOICES = [(choice.value, choice.label) for choice in Choice]


class Decision(models.Model):
    """What an ended experiment's videos show from now on; it stands while its rollout is live.

    The rollout is an experiment of two arms, what is held back and what is shipped: its counts go
    on measuring, and are none of the ended experiment's.
    """

    experiment = models.ForeignKey(Experiment, on_delete=models.CASCADE, related_name="decisions")
    rollout = models.OneToOneField(Experiment, on_delete=models.CASCADE, related_name="decision")
    choice = models.CharField(max_length=7, choices=CHOICES)
    shipped = models.CharField(max_length=60, help_text="Name of the arm; of a map, where no row.")
    held_back = models.CharField(max_length=60, help_text="Name of the arm that others see.")
    holdback = models.FloatField(help_text="Share of the units that see what is held back.")

    expected_lift = models.FloatField(
        null=True,
        help_text="Of what is shipped over what is held back, when it was decided; null where it "
        "was not known.",
    )

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(holdback__gte=0) & Q(holdback__lte=0.5), name="decision_holdback"
            ),
        )

    def __str__(self) -> str:
        return f"{self.experiment}: {self.get_choice_display()}"


class ShippedPicture(models.Model):
    """What a map ships of one video."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="pictures")
    video = models.ForeignKey(Video, on_delete=models.CASCADE)
    selector = models.CharField(max_length=40, help_text="Whose thumbnail is shipped.")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["decision", "video"], name="shipped_picture_once"),
        )

    def __str__(self) -> str:
        return f"{self.selector} of {self.video}"
