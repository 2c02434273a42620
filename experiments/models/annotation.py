"""GIFs proposed for a data set, and what people said of them."""

from django.conf import settings
from django.db import models

from experiments.models.catalogue import Video


class CommentCurve(models.Model):
    """How many time-sync comments each second of a video has."""

    video = models.OneToOneField(Video, on_delete=models.CASCADE, related_name="comments")
    counts = models.JSONField(help_text="Comments of second 0, of second 1, ...")

    def __str__(self) -> str:
        return f"comments on {self.video}"


class Proposal(models.Model):
    """Three seconds of a video in play order, to be judged."""

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="proposals")
    shots_s = models.JSONField(help_text="Start of each shown second, in play order.")

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=["video", "shots_s"], name="proposal_once"),)

    def __str__(self) -> str:
        return f"{self.video} at {', '.join(map(str, self.shots_s))} s"


class Judgement(models.Model):
    """Whether one annotator finds a proposal attractive to be clicked."""

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="judgements")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    accepted = models.BooleanField()
    judged_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["proposal", "annotator"], name="judgement_once"),
        )
        indexes = (models.Index(fields=["annotator", "-judged_at"], name="judgement_last"),)

    def __str__(self) -> str:
        return f"{self.annotator}: {'accepted' if self.accepted else 'rejected'}"


class Choice(models.Model):
    """Which of two GIFs of one video somebody would rather click, not knowing who made them."""

    class Answer(models.TextChoices):
        """What was said of the two, as they lay on the page."""

        LEFT = "left"
        RIGHT = "right"
        BOTH_BAD = "both bad"
        SKIPPED = "skipped"

    video = models.ForeignKey(Video, on_delete=models.CASCADE, related_name="choices")
    annotator = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    left = models.CharField(max_length=40, help_text="The selector of the one on the left.")
    right = models.CharField(max_length=40, help_text="The selector of the one on the right.")
    left_shots_s = models.JSONField(help_text="Start of each shown second, in play order.")
    right_shots_s = models.JSONField(help_text="Start of each shown second, in play order.")
    answer = models.CharField(max_length=8, choices=Answer.choices)
    chosen_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=["annotator", "video"], name="choice_of_annotator"),)

    def __str__(self) -> str:
        return f"{self.annotator} on {self.video}: {self.answer}"
