"""The course of an ended experiment, kept so that a first look at its report is quick."""

from django.db import models

from experiments.models.experiment import Experiment


class VideoCourse(models.Model):
    """An ended experiment's means after each day, by its videos, computed in the background."""

    experiment = models.OneToOneField(
        Experiment, on_delete=models.CASCADE, related_name="video_course"
    )
    watermark = models.BigIntegerField(help_text="Of the counts that it was made of.")
    looks = models.JSONField(help_text="Each day, and the arms' means and errors up to its end.")

    def __str__(self) -> str:
        return f"{self.experiment}: {len(self.looks)} days"
