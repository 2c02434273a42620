"""The site's own tables."""

from django.db import models


class FirstOperatorCode(models.Model):
    """The code by which the first account may be made; at most one row, and only a digest of it."""

    digest = models.CharField(max_length=64, help_text="SHA-256 of 128 random bits.")

    def __str__(self) -> str:
        return "the code for the first account"
