"""Answers kept for programs that ask the same again."""

from django.conf import settings
from django.db import models


class KeptAnswer(models.Model):
    """What was answered to a write with an idempotency key; the same again is answered the same."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    key = models.CharField(max_length=200)
    asked = models.CharField(max_length=64, help_text="Digest of method, address and body.")
    status = models.PositiveSmallIntegerField()
    body = models.JSONField(null=True)
    at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["user", "key"], name="kept_answer_once"),)

    def __str__(self) -> str:
        return f"{self.status} to {self.key}"
