"""The gist of each report, kept so that a list of experiments builds none."""

from django.db import models

from experiments.models.experiment import Experiment


class ReportSummary(models.Model):
    """The gist of an experiment's report, renewed in the background when that changes."""

    experiment = models.OneToOneField(Experiment, on_delete=models.CASCADE, related_name="summary")
    watermark = models.BigIntegerField(help_text="Of the counts that it was made of.")
    state = models.CharField(max_length=7, help_text="Of the experiment, when it was made.")
    made_at = models.DateTimeField()
    took_s = models.FloatField()
    problem = models.TextField(blank=True, help_text="Why there is no report; else empty.")
    verdict = models.CharField(max_length=15, blank=True, help_text="One of the four words.")
    sentence = models.TextField(blank=True, help_text="The verdict as a sentence.")
    headline = models.TextField(blank=True)
    ended_early = models.BooleanField(default=False)
    checks = models.JSONField(
        default=list, help_text="Of the report's health: name, state (good, bad, none), sentence."
    )
    arms = models.JSONField(
        default=list,
        help_text="Each arm but the control: arm, improvement, low, high, corrected (null where "
        "it is not), log_ratio_error, standing.",
    )
    videos = models.IntegerField(default=0, help_text="Videos that count.")
    days = models.IntegerField(default=0, help_text="Days (UTC) with any view.")
    views = models.BigIntegerField(default=0, help_text="Of the videos that count.")
    views_a_day = models.BigIntegerField(default=0, help_text="Mean of the latest seven such days.")

    def __str__(self) -> str:
        return f"{self.experiment}: {self.verdict or self.problem}"
