"""Viewers who are one person: known before and after they logged in."""

from django.db import models


class ViewerAlias(models.Model):
    """The viewer as whom another is assigned and counted, from the first time that both came.

    Both are keyed hashes of the texts that name them, as in events.
    """

    viewer = models.BigIntegerField(primary_key=True, help_text="Of an id, or of a device.")
    same_as = models.BigIntegerField(help_text="As whom it is assigned.")
    is_crossover = models.BooleanField(
        help_text="Whether it was assigned by itself before: a device, at a later login."
    )
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["made_at"], name="alias_crossover", condition=models.Q(is_crossover=True)
            ),
        )

    def __str__(self) -> str:
        return f"viewer {self.viewer} is {self.same_as}"
